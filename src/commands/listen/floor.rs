//! Who is connected, and who has the word.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, mpsc};

use super::typed::{To, read};

/// The clients that can be spoken to. The one that spoke last stands last.
#[derive(Default)]
pub struct Floor {
    present: Mutex<Vec<(u64, Words)>>,
    arrival: Notify,
}

/// The way to one client.
type Words = mpsc::Sender<Vec<u8>>;

impl Floor {
    /// A client has come.
    pub fn enter(&self, number: u64, words: Words) {
        self.present().push((number, words));
        self.arrival.notify_one();
    }

    /// It has gone.
    pub fn leave(&self, number: u64) {
        self.present().retain(|(other, _)| *other != number);
    }

    /// It has spoken.
    pub fn spoke(&self, number: u64) {
        let mut present = self.present();
        if let Some(at) = present.iter().position(|(other, _)| *other == number) {
            let client = present.remove(at);
            present.push(client);
        }
    }

    /// Hands a typed line to whom it is for; while nobody is there, a line for the latest waits. Gives what
    /// the person should know, if there is something.
    pub async fn say(&self, line: Vec<u8>, note: impl Fn(&str)) {
        let (to, text) = read(line);
        let mut said = false;
        let words = loop {
            let words = self.for_whom(&to);
            if !words.is_empty() {
                break words;
            }
            if let To::One(number) = to {
                return note(&format!("there is no client {number}; {}", self.who()));
            }
            if !said {
                note("nobody is connected: the line waits for the next client");
                said = true;
            }
            self.arrival.notified().await;
        };
        for client in words {
            // One that has gone in between needs no words.
            let _ = client.send(text.clone()).await;
        }
    }

    fn for_whom(&self, to: &To) -> Vec<Words> {
        let present = self.present();
        match to {
            To::Latest => present.last().map(|(_, words)| words.clone()).into_iter().collect(),
            To::One(number) => {
                present.iter().filter(|(other, _)| other == number).map(|(_, words)| words.clone()).collect()
            }
            To::All => present.iter().map(|(_, words)| words.clone()).collect(),
        }
    }

    fn who(&self) -> String {
        let mut numbers: Vec<u64> = self.present().iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
        match numbers.len() {
            0 => "nobody is connected".to_owned(),
            _ => format!("connected: {}", numbers.join(", ")),
        }
    }

    fn present(&self) -> MutexGuard<'_, Vec<(u64, Words)>> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
