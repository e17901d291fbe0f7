//! What the hello server says: its routes.

use std::sync::Arc;

use super::page::{Page, USUAL_METHODS};
use super::request::Request;
use super::site::{Answer, Site};
use crate::lab::nonce::Nonces;

/// The article's plant: 15 characters, 18 bytes, because the seedling takes four.
pub const PLANT: &str = "🌱 Plant seeded!";
/// The greeting, unless the learner chooses another.
pub const GREETING: &str = "Hello from my netlab server";

/// What a path without a route of its own gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// 200 and `Default route`, as many first servers do.
    Default,
    /// 404, as HTTP means it.
    NotFound,
}

/// The site with the three routes.
pub struct Greeter {
    front: Front,
    plant: Arc<Page>,
    elsewhere: Arc<Page>,
}

/// What `/` says.
enum Front {
    /// Always the same.
    Page(Arc<Page>),
    /// With a second line, the learner's own value for this subject, which is asked for each time.
    Personal(String, Nonces, &'static str),
}

impl Greeter {
    /// A site that greets so.
    #[must_use]
    pub fn new(greeting: &str, elsewhere: Elsewhere) -> Self {
        Self {
            front: Front::Page(always(200, greeting)),
            plant: always(200, PLANT),
            elsewhere: match elsewhere {
                Elsewhere::Default => always(200, "Default route"),
                Elsewhere::NotFound => always(404, "Nothing grows here"),
            },
        }
    }

    /// One of the lab's: its front page has the learner's own value for `subject`.
    #[must_use]
    pub fn personal(greeting: &str, nonces: Nonces, subject: &'static str) -> Self {
        let front = Front::Personal(greeting.to_owned(), nonces, subject);
        Self { front, ..Self::new(greeting, Elsewhere::Default) }
    }
}

impl Site for Greeter {
    fn answer(&self, request: &Request<'_>) -> Answer {
        match request.method {
            "GET" | "HEAD" | "POST" => {}
            "OPTIONS" => return Page::options(USUAL_METHODS).into(),
            method => return Page::not_allowed(method, USUAL_METHODS).into(),
        }
        Answer::Page(match (request.path, &self.front) {
            ("/", Front::Page(page)) => page.clone(),
            ("/", Front::Personal(greeting, nonces, subject)) => {
                Arc::new(Page::text(200, &format!("{greeting}\nnonce={}\n", nonces(subject))))
            }
            ("/seed-a-plant", _) => self.plant.clone(),
            _ => self.elsewhere.clone(),
        })
    }
}

fn always(status: u16, text: &str) -> Arc<Page> {
    Arc::new(Page::text(status, text).settled())
}
