//! The command: parse, run, show what went wrong, exit.

use std::process::ExitCode;

use netlab::cli::{Cli, When};
use netlab::commands::{self, context::Context};
use netlab::error::Failure;
use netlab::help;
use netlab::render::json;
use netlab::render::text::failure;
use netlab::render::text::look::{Form, Loudness};
use netlab::render::text::screen::Screen;
use netlab::terminal::{self, Colour};

fn main() -> ExitCode {
    let cli = match help::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(answer) => return answer,
    };
    let (screen, verb) = (screen(&cli), cli.verb_name());
    let context = Context::new(screen, terminal::language(cli.global.language.as_deref()));
    let result = run(cli, &context);
    context.close();
    let result = context.screen.trouble().map_or(result, |error| Err(Failure::output(&error)));
    match result {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(trouble) => {
            if context.screen.look.form == Form::Json && !context.screen.has_document() {
                let flows: Vec<_> = context.flows().iter().map(json::flow).collect();
                let members = serde_json::json!({ "failure": json::failure(&trouble), "flows": flows });
                json::document(&context.screen, verb, members);
            }
            failure::show(&context.screen, &trouble);
            ExitCode::from(trouble.exit.code())
        }
    }
}

fn run(cli: Cli, context: &Context) -> Result<netlab::error::Exit, Failure> {
    room_to_begin().map_err(|error| Failure::no_event_loop(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::no_event_loop(&error))?;
    let result = runtime.block_on(commands::run(cli, context));
    // A read of standard input may still wait for a key; nobody needs it any more.
    runtime.shutdown_background();
    result
}

/// Whether there are as many file descriptors left as an event loop takes. Building one panics when it gets only some.
fn room_to_begin() -> std::io::Result<()> {
    const TAKEN: usize = 8;
    if cfg!(unix) {
        let nothings = (0..TAKEN).map(|_| std::fs::File::open("/dev/null"));
        nothings.collect::<std::io::Result<Vec<_>>>()?;
    }
    Ok(())
}

fn screen(cli: &Cli) -> Screen {
    let form = match (cli.global.json, cli.global.plain) {
        (true, _) => Form::Json,
        (_, true) => Form::Plain,
        _ => Form::Human,
    };
    let loudness = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Loudness::Quiet,
        (_, true) => Loudness::Verbose,
        _ => Loudness::Usual,
    };
    let colour = match cli.global.color {
        When::Auto => Colour::Auto,
        When::Always => Colour::Always,
        When::Never => Colour::Never,
    };
    terminal::screen(terminal::look(form, cli.global.bytes, loudness), colour)
}
