//! The lab's web server: the hello service with several sites behind their names.

use std::sync::Arc;

use super::hello::greeter::{GREETING, Greeter};
use super::hello::hosts::Hosts;
use super::hello::site::Site;
use super::hello::{Hello, Patience};
use super::log::Requests;
use super::nonce::{GARDEN_PAGE, Nonces, PAGE, SHOP_PAGE};
use super::row::{Bound, Ingredients, Task};
use super::zone::CROWDS;
use crate::error::Failure;

/// Starts it.
///
/// # Errors
/// None.
pub fn start(with: &Ingredients, mut bound: Bound) -> Result<Vec<Task>, Failure> {
    let names = with.names.iter().map(|name| name.name).chain(CROWDS);
    let site = Arc::new(sites(&with.nonces, names));
    let (patience, requests) = (Patience::PERSON, Requests::silent());
    let hello = Arc::new(Hello { name: "lab/hello", site, patience, requests });
    Ok(with.talk(&hello, &mut bound))
}

/// The sites: three that have names, the first of them for everybody else as well.
fn sites(nonces: &Nonces, names: impl Iterator<Item = &'static str>) -> Hosts {
    let site =
        |greeting, subject| Arc::new(Greeter::personal(greeting, nonces.clone(), subject)) as Arc<dyn Site>;
    let (garden, shop) = (site("This is the garden", GARDEN_PAGE), site("This is the shop", SHOP_PAGE));
    let own = [("garden.test", &garden), ("www.garden.test", &garden), ("shop.test", &shop)];
    let own = own.map(|(name, site)| (name.to_owned(), site.clone())).to_vec();
    Hosts::new(own, site(GREETING, PAGE)).and_also(names.map(str::to_owned))
}
