//! From a path and a method to an answer.
//!
//! A path of its own comes before a star, and of several stars the one that says most. Only then the method is looked
//! at, so a page that is there for POST alone is not found by GET under a star: it is a page, and GET is not for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::written::Path;
use crate::lab::hello::page::Page;

/// What a route answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The answer.
    pub page: Arc<Page>,
    /// How long it takes.
    pub delay: Duration,
}

/// All routes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    exact: HashMap<String, Place>,
    /// Those with a star, the longest first.
    below: Vec<(String, Place)>,
    many: usize,
}

/// What is at one path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Place {
    replies: Vec<(&'static str, Reply)>,
    allow: String,
}

/// What a request comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// A route.
    Reply(&'a Reply),
    /// A page that offers these methods, which is what was asked.
    Offers(&'a str),
    /// A page, but not for that method. It offers these.
    NotFor(&'a str),
    /// No page.
    Nothing,
}

impl Table {
    /// Adds a route.
    pub fn put(&mut self, path: &Path, method: &'static str, reply: Reply) {
        let place = match path {
            Path::Exact(path) => self.exact.entry(path.clone()).or_default(),
            Path::Below(start) => {
                let at = self.below.iter().position(|(known, _)| known == start).unwrap_or_else(|| {
                    let at = self.below.partition_point(|(known, _)| known.len() > start.len());
                    self.below.insert(at, (start.clone(), Place::default()));
                    at
                });
                &mut self.below[at].1
            }
        };
        place.replies.push((method, reply));
        place.allow = allow(place.replies.iter().map(|(method, _)| *method));
        self.many += 1;
    }

    /// How many routes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.many
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.many == 0
    }

    /// The methods that any of them has.
    #[must_use]
    pub fn methods(&self) -> String {
        let places = self.exact.values().chain(self.below.iter().map(|(_, place)| place));
        allow(places.flat_map(|place| place.replies.iter().map(|(method, _)| *method)))
    }

    /// The answer to a request.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Found<'_> {
        let below = || self.below.iter().find(|(start, _)| path.starts_with(start)).map(|(_, place)| place);
        let Some(place) = self.exact.get(path).or_else(below) else { return Found::Nothing };
        // What HEAD gets is decided by GET; the content is left out further down.
        let asked = if method == "HEAD" { "GET" } else { method };
        match place.replies.iter().find(|(known, _)| *known == asked) {
            Some((_, reply)) => Found::Reply(reply),
            None if method == "OPTIONS" => Found::Offers(&place.allow),
            None => Found::NotFor(&place.allow),
        }
    }
}

/// Methods as Allow lists them, with those that come by themselves.
fn allow<'a>(methods: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<&str> = Vec::new();
    for method in methods {
        let more = if method == "GET" { &["GET", "HEAD"][..] } else { &[method][..] };
        more.iter().for_each(|one| {
            if !all.contains(one) {
                all.push(one);
            }
        });
    }
    all.sort_unstable_by_key(|method| {
        ["GET", "HEAD", "POST"].iter().position(|first| first == method).unwrap_or(3)
    });
    all.push("OPTIONS");
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Found, Path, Reply, Table};
    use crate::lab::hello::page::Page;

    fn table(routes: &[(&'static str, &str)]) -> Table {
        let mut table = Table::default();
        for (method, path) in routes {
            let path = match path.strip_suffix('*') {
                Some(start) => Path::Below(start.to_owned()),
                None => Path::Exact((*path).to_owned()),
            };
            let page = Arc::new(Page::text(200, &format!("{method} {path:?}")));
            table.put(&path, method, Reply { page, delay: Duration::ZERO });
        }
        table
    }

    fn said(found: Found<'_>) -> String {
        match found {
            Found::Reply(reply) => String::from_utf8_lossy(reply.page.content()).into_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_path_of_its_own_comes_first_and_then_the_star_that_says_most() {
        let table = table(&[("GET", "/*"), ("GET", "/notes/*"), ("GET", "/notes/1"), ("POST", "/notes/")]);
        assert_eq!(said(table.find("GET", "/notes/1")), "GET Exact(\"/notes/1\")");
        assert_eq!(said(table.find("GET", "/notes/2")), "GET Below(\"/notes/\")");
        assert_eq!(said(table.find("GET", "/other")), "GET Below(\"/\")");
        assert_eq!(table.find("GET", "/notes/"), Found::NotFor("POST, OPTIONS"));
        assert_eq!(table.len(), 4);
    }

    #[test]
    fn head_is_answered_by_get_and_options_by_all() {
        let table = table(&[("DELETE", "/a"), ("POST", "/a"), ("GET", "/a"), ("PUT", "/b")]);
        assert_eq!(table.find("HEAD", "/a"), table.find("GET", "/a"));
        assert_eq!(table.find("OPTIONS", "/a"), Found::Offers("GET, HEAD, POST, DELETE, OPTIONS"));
        assert_eq!(table.find("HEAD", "/b"), Found::NotFor("PUT, OPTIONS"));
        assert_eq!(table.find("GET", "/c"), Found::Nothing);
        assert_eq!(table.methods().matches(',').count(), 5, "{}", table.methods());
    }
}
