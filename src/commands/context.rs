//! What every verb is given: the screen, the learner's folder, the journal, and recorders.

use std::io;
use std::sync::{Arc, OnceLock};

use crate::error::Failure;
use crate::evidence::journal::Journal;
use crate::evidence::{Flow, Listener, Recorder};
use crate::lab::nonce::{Key, Nonces};
use crate::lessons::Lesson;
use crate::lessons::shelf::{self, Source};
use crate::net::clock::now_us;
use crate::render::course::lesson as shown;
use crate::render::text::safe::Safe;
use crate::render::text::screen::Screen;
use crate::render::tree::live::Watch;
use crate::state::Home;

/// The variable that says that this run is a job of a session: it ends when its standard input does.
pub const JOB_VARIABLE: &str = "NETLAB_JOB";

/// The variable that says that other ends of the same conversations tell their side on this run's terminal.
pub const SHARED_VARIABLE: &str = "NETLAB_SHARED_TERMINAL";

/// Whether the other end of a conversation may tell its side on the same terminal.
#[must_use]
pub fn shares_terminal() -> bool {
    [JOB_VARIABLE, SHARED_VARIABLE].iter().any(|name| std::env::var_os(name).is_some())
}

/// Variables by which other programs find a proxy.
const PROXY_VARIABLES: &[&str] =
    &["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// How many bytes each way a server's flows keep while they last, when they are shown.
const SERVER_KEEP: usize = 64 * 1024;

/// Shared by everything in one run.
pub struct Context {
    /// Where results go.
    pub screen: Arc<Screen>,
    /// The language the learner reads, such as `hi`; lessons that are not translated stay as they are.
    pub language: String,
    told: OnceLock<()>,
    home: Result<Home, String>,
    journal: OnceLock<Option<Arc<Journal>>>,
    client: OnceLock<Recorder>,
}

impl Context {
    /// For this process. Nothing is opened or written until a verb needs it.
    #[must_use]
    pub fn new(screen: Screen, language: String) -> Self {
        let home = Home::find().map_err(|error| error.to_string());
        Self {
            screen: Arc::new(screen),
            language,
            told: OnceLock::new(),
            home,
            journal: OnceLock::new(),
            client: OnceLock::new(),
        }
    }

    /// The lesson in the learner's language, where it is translated. A translation that cannot be used is
    /// told once in a run.
    #[must_use]
    pub fn in_language(&self, lesson: Lesson, sources: &[Source]) -> Lesson {
        let (lesson, broken) = shelf::in_language(lesson, sources, &self.language);
        if let Some(broken) = broken
            && self.told.set(()).is_ok()
        {
            shown::broken_translation(&self.screen, &broken);
        }
        lesson
    }

    /// The same with another folder.
    #[must_use]
    pub fn at(&self, home: Home) -> Self {
        Self {
            screen: self.screen.clone(),
            language: self.language.clone(),
            told: OnceLock::new(),
            home: Ok(home),
            journal: OnceLock::new(),
            client: OnceLock::new(),
        }
    }

    /// The learner's folder.
    ///
    /// # Errors
    /// When there is none that can be used.
    pub fn home_or_failure(&self) -> Result<&Home, Failure> {
        self.home().ok_or_else(|| {
            Failure::machine("progress cannot be kept", "there is no folder netlab may write to")
                .or_try("name one: NETLAB_HOME=/tmp/netlab netlab learn")
        })
    }

    /// The learner's folder; without one netlab works and remembers nothing.
    #[must_use]
    pub fn home(&self) -> Option<&Home> {
        self.home.as_ref().ok()
    }

    /// Says that nothing will be remembered, if there is no folder for it. For verbs that go on without.
    pub fn note_homeless(&self) {
        if let Err(why) = &self.home {
            self.screen.note(&format!(
                "note: nothing will be remembered, because there is no folder netlab may write to ({why})"
            ));
        }
    }

    fn journal(&self) -> Option<Arc<Journal>> {
        self.journal
            .get_or_init(|| {
                let opened = match &self.home {
                    Ok(home) => Journal::open(home.folder()),
                    Err(why) => Err(io::Error::other(why.clone())),
                };
                opened
                    .inspect_err(|error| {
                        self.screen.note(&format!(
                            "note: nothing will be remembered, because the journal cannot be written ({error})"
                        ));
                    })
                    .ok()
            })
            .clone()
    }

    /// The recorder for a verb's own conversations, made on first use; `live` hears of everything.
    pub fn recorder(&self, live: Option<Arc<dyn Listener>>) -> &Recorder {
        self.client.get_or_init(|| {
            let journal = self.journal().map(|journal| journal as Arc<dyn Listener>);
            Recorder::keeping(now_us, live.into_iter().chain(journal).collect())
        })
    }

    /// A recorder for a server of this process.
    #[must_use]
    pub fn server_recorder(&self) -> Recorder {
        self.telling(Vec::new())
    }

    /// The same for a server that the person watches: with fields wanted, they are shown as it talks.
    #[must_use]
    pub fn watched_recorder(&self) -> Recorder {
        self.recorder_telling(None)
    }

    /// The same, and `live` hears of everything.
    #[must_use]
    pub fn recorder_telling(&self, live: Option<Arc<dyn Listener>>) -> Recorder {
        let watch = Arc::new(Watch::new(self.screen.clone())) as Arc<dyn Listener>;
        let watch = self.screen.look.wants_fields().then_some(watch);
        self.telling(live.into_iter().chain(watch).collect())
    }

    /// A recorder for a server that `live` tells of, and nobody else.
    #[must_use]
    pub fn recorder_told_to(&self, live: Arc<dyn Listener>) -> Recorder {
        self.telling(vec![live])
    }

    fn telling(&self, mut listeners: Vec<Arc<dyn Listener>>) -> Recorder {
        // The journal writes down what it hears; only who shows fields looks back at what was kept.
        let keep = if listeners.is_empty() { 0 } else { SERVER_KEEP };
        listeners.extend(self.journal().map(|journal| journal as Arc<dyn Listener>));
        Recorder::passing(now_us, listeners, keep)
    }

    /// Says how to call this program when `netlab` alone would not find it.
    pub fn hint_at_path(&self) {
        let Ok(program) = std::env::current_exe() else { return };
        let path = std::env::var_os("PATH").unwrap_or_default();
        if !std::env::split_paths(&path).any(|folder| folder.join("netlab").exists()) {
            self.screen.note("note: your shell does not find netlab yet; say once in each terminal:");
            let program = program.display().to_string();
            self.screen.status(&format!("  alias netlab='{}'", Safe::word(program.as_bytes())));
        }
    }

    /// Says that a proxy the environment names is passed by: somebody who relies on it should know.
    pub fn note_proxies(&self) {
        let set =
            PROXY_VARIABLES.iter().find(|name| std::env::var_os(name).is_some_and(|set| !set.is_empty()));
        if let Some(name) = set {
            self.screen.note(&format!(
                "{name} is set, and netlab goes past that proxy: it always connects to the server itself"
            ));
        }
    }

    /// The verb's own flows so far.
    #[must_use]
    pub fn flows(&self) -> Vec<Flow> {
        self.client.get().map(Recorder::flows).unwrap_or_default()
    }

    /// The learner's own values. Class and attempt are read whenever a value is asked for, so that a lab
    /// which is running speaks of the step that began last. Without a folder everybody hears the same.
    #[must_use]
    pub fn nonces(&self) -> Nonces {
        let home = self.home().cloned();
        let learner = home.as_ref().and_then(|home| home.learner().ok()).unwrap_or_default();
        Arc::new(move |subject| {
            let home = home.as_ref();
            let (class, attempt) = home.map(|home| (home.class(), home.attempt())).unwrap_or_default();
            Key { class, learner: learner.clone(), attempt }.nonce(subject)
        })
    }

    /// Waits until the journal is on disk.
    pub fn close(&self) {
        if let Some(Some(journal)) = self.journal.get() {
            journal.close();
        }
    }
}

/// Resolves when the person or the system asks this process to stop (Ctrl-C, SIGTERM). From this call on
/// such a wish is heard, so call it before telling anybody that the server is there.
pub fn asked_to_stop() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let heard = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    };
    async move {
        #[cfg(unix)]
        if let (Ok(mut interrupt), Ok(mut terminate)) = heard {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                () = session_gone() => {}
            }
            return;
        }
        // Without a way to hear of Ctrl-C the process simply ends by it.
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = session_gone() => {}
        }
    }
}

/// Resolves when this run is a job and its session has let go of it.
async fn session_gone() {
    if std::env::var_os(JOB_VARIABLE).is_none() {
        return std::future::pending().await;
    }
    // What is in it does not matter, only that it ends.
    let _ = tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await;
}
