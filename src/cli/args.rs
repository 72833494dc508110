//! The command line as typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// What the help ends with.
const FIRST_STEPS: &str = "\
First steps:
  joinery demo              see it work, without SAP
  joinery keys new          a key, and the certificate for the tenant
  joinery doctor            is everything granted and reachable?
  joinery plan              what would happen, person by person
  joinery apply RUN         exactly that
  joinery sync --watch      from then on

Exit codes: 0 done, 1 failed, 2 usage, 3 held, 4 incomplete, 5 tenant, 6 target, 7 stale plan, 8 busy, 130 stopped";

/// Keeps applications in step with SAP SuccessFactors.
#[derive(Debug, Parser)]
#[command(name = "joinery", version, max_term_width = 100, arg_required_else_help = true, after_help = FIRST_STEPS)]
pub struct Cli {
    /// The configuration file
    #[arg(long, short, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    #[arg(default_value = "joinery.toml", env = "JOINERY_CONFIG")]
    pub config: PathBuf,
    /// Answer in JSON, one document, on standard output
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// Say more in the log; twice for everything
    #[arg(long, short, global = true, help_heading = EVERYWHERE, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Only warnings and errors in the log, no progress
    #[arg(long, short, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// Write the log as JSON, one object a line
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub log_json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The heading under which the help of each command lists these.
const EVERYWHERE: &str = "Options of every command";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the main job on a simulated company: people arrive, a change follows, a leaver is disabled
    Demo(DemoArgs),
    /// Run a simulated SuccessFactors tenant
    Simulate(SimulateArgs),
    /// Read people, map, validate and deliver them
    Sync(SyncArgs),
    /// Show what a sync would do, person by person, and store it for `apply`
    Plan(PlanArgs),
    /// Do exactly what a plan says, or approve what a guard held back; refuse if somebody moved
    Apply(ApplyArgs),
    /// Check the configuration without touching the network
    Check(CheckArgs),
    /// Sign in, look for each permission and field, and test each target; writes nothing
    Doctor(SelectArgs),
    /// Show one person's way from the tenant to each target; writes nothing
    Explain(ExplainArgs),
    /// Show what the tenant's metadata says about an entity
    Schema(SchemaArgs),
    /// Make a key and a certificate, or look at one
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Erase what the state holds about one person; accounts are named and not touched
    Forget(ForgetArgs),
    /// Copy the state into a file while syncs may be running
    Backup(BackupArgs),
    /// Put a backup in the state's place; the state that was there is kept beside it
    Restore(RestoreArgs),
    /// List recent runs
    Runs(RunsArgs),
    /// Show one run: its balance, who was left out, what is held or dead
    Run(RunArgs),
    /// List target accounts that nobody in the source owns
    Orphans(SelectArgs),
    /// Read the people anew whose changes became dead letters, and deliver
    Replay(ReplayArgs),
}

/// `joinery demo`
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// End after the story instead of running until Ctrl-C
    #[arg(long)]
    pub once: bool,
    /// How many people the company has
    #[arg(long, default_value_t = 2_500, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub people: u32,
    /// The folder that holds everything the demo writes (default: a new one in the system's temporary folder)
    #[arg(long)]
    pub folder: Option<PathBuf>,
}

/// `joinery simulate`
#[derive(Args, Clone, Debug)]
pub struct SimulateArgs {
    /// How many people the company has
    #[arg(long, default_value_t = 2_500, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub people: u32,
    /// Another seed makes another company
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8089")]
    pub listen: std::net::SocketAddr,
    /// The folder for the client's key and a ready joinery.toml
    #[arg(long, default_value = "simulated")]
    pub folder: PathBuf,
    /// Keep the company in this file: loaded if it is there (then --people and --seed say nothing), saved when it ends
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Switches and settings of the tenant, TOML; which there are, and their defaults, is in docs/reference/simulator.md
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    pub settings: Option<PathBuf>,
    /// Answer from a capture of a real tenant, made by --record, instead of a made-up company
    #[arg(long, value_name = "DIR", conflicts_with_all = ["record", "state", "people", "seed"])]
    pub replay: Option<PathBuf>,
    /// Stand between a client and a real tenant, and write down what is read, personal values replaced; only reading passes
    #[arg(long, value_name = "DIR", requires = "from", conflicts_with_all = ["state", "people", "seed", "folder"])]
    pub record: Option<PathBuf>,
    /// The tenant to record: its API server, like https://api012.successfactors.eu
    #[arg(long, value_name = "URL", requires = "record")]
    pub from: Option<String>,
    /// The secret that chooses the made-up values, made when the file is not there; without it one that is forgotten
    #[arg(long, value_name = "FILE", requires = "record")]
    pub key: Option<PathBuf>,
    /// Reach the tenant through this proxy: http://host:port
    #[arg(long, value_name = "URL", requires = "record")]
    pub proxy: Option<String>,
    /// PEM file of certificates to trust besides the system's
    #[arg(long, value_name = "FILE", requires = "record")]
    pub ca_file: Option<PathBuf>,
}

/// Which people a run is about.
#[derive(Args, Clone, Debug, Default)]
pub struct WalkArgs {
    /// Read everybody; only this finds out who is gone
    #[arg(long, conflicts_with_all = ["delta", "person"])]
    pub full: bool,
    /// Read only what changed or came due since the last run
    #[arg(long, conflicts_with = "person")]
    pub delta: bool,
    /// Only this person, by personIdExternal (or userId where users are read); may be given several times
    #[arg(long, value_name = "ID")]
    pub person: Vec<String>,
}

/// `joinery sync`
#[derive(Args, Clone, Debug)]
pub struct SyncArgs {
    /// The sync's name; may be left out when there is only one
    pub sync: Option<String>,
    #[command(flatten)]
    /// Which people
    pub walk: WalkArgs,
    /// Keep running on the configured schedule; without a name: every sync
    #[arg(long)]
    pub watch: bool,
    /// With --watch: serve /health, /ready and /metrics here
    #[arg(long, value_name = "ADDRESS", requires = "watch")]
    pub listen: Option<std::net::SocketAddr>,
}

/// `joinery plan`
#[derive(Args, Clone, Debug)]
pub struct PlanArgs {
    /// The sync's name; may be left out when there is only one
    pub sync: Option<String>,
    #[command(flatten)]
    /// Which people
    pub walk: WalkArgs,
    /// How many people to show in full; the counts are always of all
    #[arg(long, default_value_t = 50)]
    pub show: usize,
}

/// A run, by its number.
#[derive(Args, Clone, Debug)]
pub struct ApplyArgs {
    /// The run's number, as `plan`, `sync` and `runs` print it
    pub run: i64,
}

/// `joinery replay`
#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// The number of the run that has dead letters
    pub run: i64,
}

/// A sync, or the only one.
#[derive(Args, Clone, Debug)]
pub struct SelectArgs {
    /// The sync's name; may be left out when there is only one
    pub sync: Option<String>,
}

/// `joinery explain`
#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    /// The sync's name; may be left out when there is only one
    pub sync: Option<String>,
    /// The person, by personIdExternal (or userId where users are read)
    #[arg(long, value_name = "ID")]
    pub person: String,
}

/// `joinery check`
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Print the default configuration, every key with its reason, instead
    #[arg(long)]
    pub defaults: bool,
}

/// `joinery schema`
#[derive(Args, Clone, Debug)]
pub struct SchemaArgs {
    /// Entity sets, such as User or EmpJob
    #[arg(required = true)]
    pub entity: Vec<String>,
    /// The connection; may be left out when there is only one
    #[arg(long)]
    pub connection: Option<String>,
}

/// `joinery keys`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make an RSA key and a certificate for "Manage OAuth2 Client Applications"
    New(KeysNewArgs),
    /// Say what a certificate file is and when it expires
    Show(CertificateArgs),
}

/// `joinery keys new`
#[derive(Args, Clone, Debug)]
pub struct KeysNewArgs {
    /// Name in the certificate and of the two files
    #[arg(long, default_value = "joinery")]
    pub name: String,
    /// Where the files go
    #[arg(long, default_value = ".")]
    pub folder: PathBuf,
    /// Size of the key
    #[arg(long, default_value_t = 3072, value_parser = key_bits)]
    pub bits: u32,
    /// Days until the certificate expires
    #[arg(long, default_value_t = 730)]
    pub days: u32,
}

/// `joinery keys show`
#[derive(Args, Clone, Debug)]
pub struct CertificateArgs {
    /// The certificate: PEM, DER or one line of base64
    pub file: PathBuf,
}

/// `joinery backup`
#[derive(Args, Clone, Debug)]
pub struct BackupArgs {
    /// The file to make; one that is there is not overwritten
    pub file: PathBuf,
}

/// `joinery restore`
#[derive(Args, Clone, Debug)]
pub struct RestoreArgs {
    /// A file that `joinery backup` made
    pub file: PathBuf,
}

/// `joinery forget`
#[derive(Args, Clone, Debug)]
pub struct ForgetArgs {
    /// The person, by personIdExternal or userId
    pub person: String,
}

/// `joinery runs`
#[derive(Args, Clone, Debug)]
pub struct RunsArgs {
    /// How many lines, or with --all or --json runs
    #[arg(long, default_value_t = 20)]
    pub last: usize,
    /// A line for each run, also for delta runs without a change
    #[arg(long)]
    pub all: bool,
}

/// `joinery run`
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// The run's number
    pub run: i64,
    /// Show its changes, attribute by attribute
    #[arg(long)]
    pub changes: bool,
    /// Show everybody and every change, not only the first
    #[arg(long)]
    pub all: bool,
}

fn key_bits(text: &str) -> Result<u32, String> {
    match text {
        "2048" => Ok(2048),
        "3072" => Ok(3072),
        "4096" => Ok(4096),
        _ => Err("a key has 2048, 3072 or 4096 bits".to_owned()),
    }
}
