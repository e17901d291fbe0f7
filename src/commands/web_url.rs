//! A URL of plain HTTP, as somebody types it.

use url::Url;

use crate::error::Failure;

/// What a verb says of a URL that is none for it.
pub struct Wants<'a> {
    /// What the text is not, such as `a URL netlab can fetch`.
    pub what: &'a str,
    /// A command that works.
    pub example: &'a str,
    /// What TLS is in the way of.
    pub inside_tls: &'a str,
}

impl Wants<'_> {
    /// That it is none, and why.
    #[must_use]
    pub fn refuse(&self, typed: &str, why: impl Into<String>) -> Failure {
        Failure::usage(format!("{typed} is not {}", self.what), why).or_try(self.example)
    }

    /// Reads it; a host alone is enough. What can be done about https is `instead`, given the URL.
    ///
    /// # Errors
    /// When it is no URL, names no host, or another scheme than http.
    pub fn read(&self, typed: &str, instead: impl FnOnce(&str) -> String) -> Result<Url, Failure> {
        let whole = if typed.contains("://") { typed.to_owned() } else { format!("http://{typed}") };
        let url = Url::parse(&whole).map_err(|error| self.refuse(typed, error.to_string()))?;
        match url.scheme() {
            "http" => {}
            "https" => {
                return Err(Failure::usage(
                    "https is HTTP inside TLS, and netlab does not speak TLS yet",
                    self.inside_tls,
                )
                .or_try(instead(&whole)));
            }
            other => {
                return Err(self.refuse(typed, format!("its scheme is {other}, and this verb speaks http")));
            }
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(self.refuse(typed, "it names no host"));
        }
        Ok(url)
    }
}
