//! `cargo xtask`: parses arguments and prints results. The logic is in `codegen` and `audit`.

#![warn(unreachable_pub)]

use audit::{Audited, audit, compare_pages};
use clap::{Parser, Subcommand, ValueEnum};
use codegen::diagnostic::closest;
use codegen::diff::{self, Impact};
use codegen::regen::{Loaded, Outcome, Project, check, describe, listing, load, named, regen, regen_lints};
use codegen::registry::Lint;
use codegen::watch::{News, watch};
use codegen::write::Report;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Generation allocates and frees many small values. With the system's allocator they took a quarter of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Command line of this project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    /// Folder with `spec/` and `generated/`; default: this project
    #[arg(long, global = true, value_name = "FOLDER")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes `generated/` from `spec/`.
    Regen {
        /// Writes nothing; shows pending changes, and exits with 1 if there are any
        #[arg(long)]
        check: bool,
        /// Regenerates at every save; shows the findings, or the changes of the surface
        #[arg(long, conflicts_with = "check")]
        watch: bool,
    },
    /// Checks `spec/` and writes nothing.
    Lint {
        /// Explains a lint with an example; without a name, lists all lints
        #[arg(long, value_name = "NAME", num_args = 0..=1)]
        explain: Option<Option<String>>,
    },
    /// Compares a saved page with `spec/`; exits with 1 if there is an unexplained difference.
    Audit {
        /// API: a folder of `spec/`; default: the one that the page documents
        #[arg(long, value_name = "NAME")]
        api: Option<String>,
        /// Page, saved as HTML, MHTML, Markdown or text
        #[arg(long, value_name = "FILE")]
        doc: PathBuf,
        /// Older copy of the page: shows the changes since, regardless of the spec
        #[arg(long, value_name = "FILE")]
        baseline: Option<PathBuf>,
        /// Also lists differences that a quirk explains
        #[arg(long)]
        all: bool,
        /// Format of the report
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Prints an API as an OpenAPI 3.1 document, in JSON.
    ///
    /// Callbacks are under `webhooks`. For a generator of clients that does not support them, such as openapi-generator
    /// for Python, remove them: `… | jq 'del(.webhooks)'`.
    Openapi {
        /// API: the name of its folder under `spec/`
        #[arg(long)]
        api: String,
        /// Writes to this file instead of the output
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Reports the effect of the spec's changes since a revision on callers.
    Diff {
        /// Revision to compare with
        #[arg(default_value = "HEAD")]
        revision: String,
        /// Format of the report
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Exits with 1 if there is a change of this impact or a worse one
        #[arg(long, value_enum)]
        deny: Option<Deny>,
    },
    /// Runs a sandbox of both services on this machine until it is stopped.
    #[command(disable_help_flag = true)]
    Sandbox {
        /// Arguments of the sandbox; `--help` lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Shows a whole payment against a sandbox, from its creation to a refund whose answer is lost.
    #[command(disable_help_flag = true)]
    Demo {
        /// Arguments of the demonstration; `--help` lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Format of a report.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
    /// For pull requests.
    Markdown,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Deny {
    Breaking,
    Behavior,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Only this workspace has the page of the lints.
    let own = arguments.root.is_none();
    // The root of the workspace is the parent folder of this program's package.
    let root = arguments.root.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".."));
    let project = Project::at(&root);
    let done = match arguments.command {
        Command::Regen { watch: true, .. } => run_watch(&project),
        Command::Regen { check, .. } => run_regen(&project, own.then_some(&root), check),
        Command::Lint { explain: Some(name) } => run_explain(name.as_deref()),
        Command::Lint { explain: None } => run_lint(&project),
        Command::Audit { api, doc, baseline, all, format } => {
            run_audit(&project, api.as_deref(), &doc, baseline.as_deref(), all, format)
        }
        Command::Openapi { api, out } => run_openapi(&project, &api, out.as_deref()),
        Command::Diff { revision, format, deny } => run_diff(&root, &project, &revision, format, deny),
        Command::Sandbox { arguments } => run_sandbox(&root, "serve", &arguments),
        Command::Demo { arguments } => run_sandbox(&root, "demo", &arguments),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

fn color() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Regenerates the crate and, in the generator's own workspace `own`, the page of the lints.
fn run_regen(project: &Project, own: Option<&PathBuf>, check: bool) -> io::Result<ExitCode> {
    let start = Instant::now();
    match regen(project, check)? {
        Outcome::Findings(sources, diagnostics) => {
            eprint!("{}", diagnostics.render(&sources, color()));
            eprintln!("nothing was written");
            Ok(ExitCode::FAILURE)
        }
        Outcome::Done(report) => {
            print!("{}", describe(&report, project, check));
            let stale = match own {
                Some(root) => run_lints_page(&root.join("docs"), check)?,
                None => false,
            };
            println!("{}", summary(project, &report, check, start));
            if !report.failures.is_empty() {
                eprintln!("error: some files could not be written; correct the failures and run this again");
                return Ok(ExitCode::from(2));
            }
            Ok(if check && (stale || !report.changes.is_empty()) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
    }
}

/// Updates the page of the lints. Returns `true` if it was out of date.
fn run_lints_page(docs: &Path, check: bool) -> io::Result<bool> {
    let report = regen_lints(docs, check)?;
    print!("{}", listing(&report, "docs", check));
    let stale = !report.changes.is_empty();
    if check && stale {
        println!("\ndocs/lints.md does not match the registry. Run `cargo xtask regen` and commit the result.");
    }
    Ok(stale)
}

/// Prints a lint's documentation, or the list of all lints.
fn run_explain(name: Option<&str>) -> io::Result<ExitCode> {
    let Some(name) = name else {
        let width = Lint::ALL.iter().map(|lint| lint.name().len()).max().unwrap_or(0);
        let line = |lint: &Lint| format!("{:width$}  {}\n", lint.name(), lint.summary());
        put(&Lint::ALL.iter().map(line).collect::<String>())?;
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(lint) = Lint::named(name) {
        put(&format!("{}\n\n{}", lint.name(), lint.explanation()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let near = closest(name, Lint::ALL.iter().map(|lint| lint.name()));
    let hint = near.map_or_else(
        || "`cargo xtask lint --explain` lists all lints".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("no lint has the name `{name}`; {hint}")))
}

/// Returns the numbers of files, lines and changes, and the duration.
fn summary(project: &Project, report: &Report, check: bool, start: Instant) -> String {
    let changes = match report.changes.len() {
        0 => "up to date".to_owned(),
        n if check => format!("{n} to change"),
        n => format!("{n} changed"),
    };
    let (files, lines, took) = (report.files, report.lines, start.elapsed().as_millis());
    format!("{}: {files} files, {lines} lines, {changes}, in {took} ms", project.out_label)
}

fn run_watch(project: &Project) -> io::Result<ExitCode> {
    put(&format!("watching {}; Ctrl-C ends it\n", project.spec_label))?;
    let done = watch(project, |news| match news {
        News::Findings(sources, diagnostics) => {
            write!(io::stderr().lock(), "{}nothing was written\n\n", diagnostics.render(&sources, color()))
        }
        News::Trouble(error) => write!(io::stderr().lock(), "error: {error}\n\n"),
        News::Regenerated { report, surface, start } => {
            let failures: String = report.failures.iter().map(|failure| format!("  failed  {failure}\n")).collect();
            let summary = summary(project, &report, false, start);
            write!(io::stdout().lock(), "{surface}{failures}{summary}\n\n")
        }
    });
    match done {
        // The reader has closed the output.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        done => done.map(|()| ExitCode::SUCCESS),
    }
}

fn run_lint(project: &Project) -> io::Result<ExitCode> {
    match load(project)? {
        Loaded::Sound(apis) => {
            println!("{}: no findings in {} APIs", project.spec_label, apis.len());
            Ok(ExitCode::SUCCESS)
        }
        Loaded::Findings(sources, diagnostics) => {
            eprint!("{}", diagnostics.render(&sources, color()));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn run_audit(
    project: &Project,
    api: Option<&str>,
    doc: &Path,
    baseline: Option<&Path>,
    all: bool,
    format: Format,
) -> io::Result<ExitCode> {
    let done = match baseline {
        Some(baseline) => compare_pages(project, api, doc, baseline)?,
        None => audit(project, api, doc)?,
    };
    match done {
        Audited::Done(report) => {
            put(&match format {
                Format::Text => report.text(all),
                Format::Json => report.json(all),
                Format::Markdown => report.markdown(all),
            })?;
            Ok(if report.unexplained().next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Audited::Findings(sources, diagnostics) => {
            eprint!("{}", diagnostics.render(&sources, color()));
            eprintln!("nothing was compared");
            Ok(ExitCode::FAILURE)
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the file is the caller's, wherever `--out` points")]
fn run_openapi(project: &Project, api: &str, out: Option<&Path>) -> io::Result<ExitCode> {
    match load(project)? {
        Loaded::Sound(apis) => {
            let document = codegen::emit::openapi(named(&apis, api)?);
            match out {
                Some(path) => std::fs::write(path, document)
                    .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?,
                None => put(&document)?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Loaded::Findings(sources, diagnostics) => {
            eprint!("{}", diagnostics.render(&sources, color()));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn run_diff(
    root: &Path,
    project: &Project,
    revision: &str,
    format: Format,
    deny: Option<Deny>,
) -> io::Result<ExitCode> {
    let new = match load(project)? {
        Loaded::Sound(apis) => apis,
        Loaded::Findings(sources, diagnostics) => {
            eprint!("{}", diagnostics.render(&sources, color()));
            return Ok(ExitCode::FAILURE);
        }
    };
    let old = match check(diff::read_revision(root, project, revision)?, project)? {
        Loaded::Sound(apis) => apis,
        Loaded::Findings(sources, diagnostics) => {
            eprint!("{}", diagnostics.render(&sources, color()));
            return Err(io::Error::other(format!(
                "the spec of {revision} cannot be read by this version of the generator"
            )));
        }
    };
    let changes = diff::compare(&old, &new);
    let format = match format {
        Format::Text => diff::ReportFormat::Text,
        Format::Json => diff::ReportFormat::Json,
        Format::Markdown => diff::ReportFormat::Markdown,
    };
    put(&diff::render(&changes, revision, env!("CARGO_PKG_VERSION"), format))?;
    let least = match deny {
        None => return Ok(ExitCode::SUCCESS),
        Some(Deny::Breaking) => Impact::Breaking,
        Some(Deny::Behavior) => Impact::Behavior,
    };
    let denied = changes.iter().any(|change| change.impact >= least);
    Ok(if denied { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Builds and runs the sandbox's own program. It is not linked, because the generator must not depend on generated
/// code.
fn run_sandbox(root: &Path, what: &str, arguments: &[String]) -> io::Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command.args(["run", "--quiet", "--package", "toss-sandbox", "--features", "cli", "--manifest-path"]);
    command.arg(root.join("Cargo.toml")).args(["--", what]).args(arguments);
    // Replaces this process, if possible, so that stopping it stops the sandbox.
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(&mut command));
    #[cfg(not(unix))]
    {
        let status = command.status()?;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
    }
}

/// Prints a long text. A reader such as `head` that closes the output early is not an error.
fn put(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
