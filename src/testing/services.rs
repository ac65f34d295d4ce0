//! Private database servers, each started once per test process and gone with it.

use std::{
    env, fs,
    io::{self, Write},
    net::{TcpListener, TcpStream},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::sql::{self, Engine};

const START_TIMEOUT: Duration = Duration::from_secs(90);

/// A fresh, empty database of the engine, as a URL; a SQLite file goes into `folder`.
///
/// `None` if the engine is not installed, which has been printed by then.
pub fn fresh_database(engine: Engine, folder: &Path) -> Option<String> {
    match engine {
        // Four slashes: SQLAlchemy and sqlx agree that this path is absolute.
        Engine::Sqlite => Some(format!("sqlite:///{}/fresh.db", folder.display())),
        Engine::Postgres => Postgres::shared().map(Postgres::create_database),
        Engine::MySql => MariaDb::shared().map(MariaDb::create_database),
    }
}

/// A PostgreSQL server whose data nobody else sees.
pub struct Postgres(Service);

impl Postgres {
    /// The server of this test process, started on first use; `None` if it is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A fresh, empty database in UTF-8, as a URL.
    pub fn create_database(&self) -> String {
        let name = self.0.next_name();
        sql::run_sql(&self.url("postgres"), &format!("create database {name}"));
        self.url(&name)
    }

    /// How many statements it has logged, of databases whose `log_statement` asks for that.
    pub fn statements(&self) -> usize {
        let log = fs::read_to_string(&self.0.log).unwrap_or_default();
        let is_statement = |line: &&str| line.contains("LOG:  statement:") || line.contains("LOG:  execute ");
        log.lines().filter(is_statement).count()
    }

    fn start() -> Option<Self> {
        let folders = postgres_folders();
        let (Some(initdb), Some(postgres)) = (find(&["initdb"], &folders), find(&["postgres"], &folders)) else {
            return left_out("PostgreSQL", "initdb and postgres");
        };
        let service = Service::start(POSTGRES_SCRIPT, &[("INIT", initdb), ("SERVE", postgres)]);
        let postgres = Self(service);
        postgres.0.wait_until_ready(&postgres.url("postgres"));
        Some(postgres)
    }

    /// Another one, which takes encrypted connections only, with the certificates in `files`.
    pub fn start_with_tls(files: &Path) -> Option<Self> {
        let folders = postgres_folders();
        let (Some(initdb), Some(postgres)) = (find(&["initdb"], &folders), find(&["postgres"], &folders)) else {
            return left_out("PostgreSQL", "initdb and postgres");
        };
        let programs = [("INIT", initdb), ("SERVE", postgres), ("FILES", files.to_owned())];
        let postgres = Self(Service::start(POSTGRES_TLS_SCRIPT, &programs));
        postgres.0.wait_until_ready(&postgres.url("postgres"));
        Some(postgres)
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.0.folder()
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.0.port)
    }
}

/// A MariaDB (or MySQL) server whose data nobody else sees.
pub struct MariaDb(Service);

impl MariaDb {
    /// The server of this test process, started on first use; `None` if it is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<MariaDb>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A fresh, empty database in utf8mb4, as a URL.
    pub fn create_database(&self) -> String {
        let name = self.0.next_name();
        let statement = format!("create database {name} character set utf8mb4");
        sql::run_sql(&self.url("mysql"), &statement);
        self.url(&name)
    }

    fn start() -> Option<Self> {
        Self::start_with(vec![])
    }

    /// Another one, which takes encrypted connections only, with the certificates in `files`.
    pub fn start_with_tls(files: &Path) -> Option<Self> {
        Self::start_with(vec![("FILES", files.to_owned())])
    }

    fn start_with(mut programs: Vec<(&'static str, PathBuf)>) -> Option<Self> {
        let folders = ["/usr/sbin", "/usr/libexec", "/usr/local/sbin"].map(PathBuf::from);
        let install = find(&["mariadb-install-db", "mysql_install_db"], &folders);
        let server = find(&["mariadbd", "mysqld"], &folders);
        let (Some(install), Some(server)) = (install, server) else {
            return left_out("MySQL and MariaDB", "mariadb-install-db and mariadbd");
        };
        programs.extend([("INIT", install), ("SERVE", server)]);
        let mariadb = Self(Service::start(MARIADB_SCRIPT, &programs));
        mariadb.0.wait_until_ready(&mariadb.url("mysql"));
        Some(mariadb)
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.0.folder()
    }

    fn url(&self, database: &str) -> String {
        format!("mysql://root@127.0.0.1:{}/{database}", self.0.port)
    }
}

/// A PgBouncer in front of the PostgreSQL server; it ends when this is dropped.
pub struct PgBouncer(Service);

impl PgBouncer {
    /// Starts with these lines in the section `[pgbouncer]` of its settings; `None` if it is not installed.
    pub fn start(settings: &str) -> Option<Self> {
        let postgres = Postgres::shared()?;
        let Some(program) = Self::program() else {
            return left_out("PgBouncer", "pgbouncer");
        };
        let programs = [
            ("SERVE", program),
            ("SERVER_PORT", postgres.0.port.to_string().into()),
            ("SETTINGS", settings.into()),
        ];
        let pooler = Self(Service::start(PGBOUNCER_SCRIPT, &programs));
        let deadline = Instant::now() + START_TIMEOUT;
        while TcpStream::connect(("127.0.0.1", pooler.0.port)).is_err() {
            assert!(Instant::now() < deadline, "PgBouncer does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        Some(pooler)
    }

    /// Whether it is version 1.21 or newer; older ones mix up the prepared statements of transactions.
    pub fn tracks_prepared_statements() -> bool {
        let output = Command::new(Self::program().unwrap_or_default())
            .arg("--version")
            .output();
        let text = output
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default();
        let version = text.lines().next().and_then(|line| line.strip_prefix("PgBouncer 1."));
        let minor = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
        let is_new = minor.is_some_and(|minor| minor >= 21);
        if !is_new {
            let _ = writeln!(
                io::stderr(),
                "\n*** PgBouncer is older than 1.21: its test IS LEFT OUT ***\n"
            );
        }
        is_new
    }

    fn program() -> Option<PathBuf> {
        find(&["pgbouncer"], &[PathBuf::from("/usr/sbin")])
    }

    /// The URL of the server's database, through the pooler.
    pub fn in_front_of(&self, url: &str) -> String {
        let (_, database) = url.rsplit_once('/').expect("the URL names a database");
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.0.port)
    }
}

const PGBOUNCER_SCRIPT: &str = r#"
    cat >"$FOLDER/settings" <<END
[databases]
* = host=127.0.0.1 port=$SERVER_PORT user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $PORT
unix_socket_dir =
auth_type = any
$SETTINGS
END
    exec "$SERVE" "$FOLDER/settings"
"#;

/// A crash may lose everything, so nothing waits for the disk.
const POSTGRES_SCRIPT: &str = r#"
    "$INIT" -D "$FOLDER/data" -U postgres -A trust -E UTF8 --locale=C --no-sync &&
    exec "$SERVE" -D "$FOLDER/data" -h 127.0.0.1 -p "$PORT" -k "" \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
        -c max_connections=300 -c shared_buffers=32MB
"#;

/// The user `ann` needs a certificate, everybody an encrypted connection.
const POSTGRES_TLS_SCRIPT: &str = r#"
    "$INIT" -D "$FOLDER/data" -U postgres -A trust -E UTF8 --locale=C --no-sync &&
    cp "$FILES"/*.pem "$FILES"/*.key "$FOLDER/data" && chmod 600 "$FOLDER"/data/*.key &&
    printf '%s\n' 'hostssl all ann 127.0.0.1/32 cert' 'hostssl all all 127.0.0.1/32 trust' 'local all all trust' \
        >"$FOLDER/data/pg_hba.conf" &&
    printf '%s\n' 'ssl = on' "ssl_cert_file = 'server.pem'" "ssl_key_file = 'server.key'" "ssl_ca_file = 'ca.pem'" \
        >>"$FOLDER/data/postgresql.conf" &&
    exec "$SERVE" -D "$FOLDER/data" -h 127.0.0.1 -p "$PORT" -k "$FOLDER" \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB
"#;

/// Each has a folder of its own for temporary files: a server that starts deletes those of all others in its own. Files
/// for each table would cost a sixth more, as every test makes tables.
const MARIADB_SCRIPT: &str = r#"
    export TMPDIR="$FOLDER" &&
    "$INIT" --no-defaults --datadir="$FOLDER/data" --auth-root-authentication-method=normal \
        --skip-test-db --skip-name-resolve --force &&
    if [ -n "${FILES:-}" ]; then
        cp "$FILES"/*.pem "$FILES"/*.key "$FOLDER"
        set -- --ssl-ca="$FOLDER/ca.pem" --ssl-cert="$FOLDER/server.pem" --ssl-key="$FOLDER/server.key" \
            --require-secure-transport=ON
    fi &&
    exec "$SERVE" --no-defaults --datadir="$FOLDER/data" --socket="$FOLDER/socket" \
        --pid-file="$FOLDER/pid" --bind-address=127.0.0.1 --port="$PORT" --max-connections=300 \
        --skip-name-resolve --skip-log-bin --performance-schema=OFF \
        --innodb-buffer-pool-size=32M --innodb-log-file-size=16M \
        --innodb-flush-log-at-trx-commit=0 --innodb-fast-shutdown=2 \
        --skip-innodb-doublewrite --innodb-file-per-table=0 "$@"
"#;

/// Runs a service until our end of standard input closes, which it does however the tests end.
///
/// Both signals are needed: PostgreSQL takes TERM for a wish to wait until every client has gone,
/// and the others ignore QUIT. The shell is the leader of the group that it signals, so it catches
/// them and stays to remove the folder.
const LIFELINE: &str = r#"
    ( eval "$SCRIPT" ) >"$FOLDER/log" 2>&1 &
    service=$!
    read -r _
    trap : TERM QUIT
    kill -s TERM 0
    kill -s QUIT 0
    wait "$service"
    cd /
    rm -rf "$FOLDER"
"#;

/// A server process behind its lifeline.
struct Service {
    port: u16,
    log: PathBuf,
    databases: AtomicU32,
    // Holds the shell's standard input open and never writes to it: that it closes is the message.
    _shell: Child,
}

impl Service {
    fn start(script: &str, programs: &[(&str, PathBuf)]) -> Self {
        let port = free_port();
        let folder = tempfile::Builder::new()
            .prefix("poem-scaffold-service-")
            .tempdir()
            .expect("a temporary folder must be made")
            // The shell removes it: by then this process is gone.
            .keep();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", LIFELINE])
            .env("SCRIPT", script)
            .env("FOLDER", &folder)
            .env("PORT", port.to_string())
            .envs(programs.iter().map(|(name, path)| (name, path)))
            .current_dir(&folder)
            // An interrupt at the terminal must not end the shell before it has cleaned up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        drop_privileges(&mut shell, &folder);
        let shell = shell.spawn().expect("sh must start");
        Self {
            port,
            log: folder.join("log"),
            databases: AtomicU32::new(0),
            _shell: shell,
        }
    }

    fn wait_until_ready(&self, url: &str) {
        let deadline = Instant::now() + START_TIMEOUT;
        while let Err(error) = sql::can_connect(url) {
            assert!(
                Instant::now() < deadline,
                "{url} does not answer: {error}\n{}",
                fs::read_to_string(&self.log).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn folder(&self) -> &Path {
        self.log.parent().expect("the log is in the folder")
    }

    fn next_name(&self) -> String {
        format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed))
    }
}

/// Database servers refuse to run as root, so under root they run as `nobody`.
fn drop_privileges(command: &mut Command, folder: &Path) {
    let owner = fs::metadata(folder).expect("the folder is ours").uid();
    if owner != 0 {
        return;
    }
    let (uid, gid) = nobody();
    chown(folder, Some(uid), Some(gid)).expect("root may give a folder away");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
    command.uid(uid).gid(gid);
}

fn nobody() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    users
        .lines()
        .find(|line| line.starts_with("nobody:"))
        .and_then(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
        })
        .unwrap_or((65534, 65534))
}

/// A port that was free just now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port must be free");
    listener.local_addr().expect("it is bound").port()
}

/// Debian keeps these out of PATH, one folder per version; the newest comes first.
fn postgres_folders() -> Vec<PathBuf> {
    let Ok(versions) = fs::read_dir("/usr/lib/postgresql") else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = versions.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.sort_by_key(|folder| {
        let version = folder.file_name().and_then(|name| name.to_str());
        std::cmp::Reverse(version.and_then(|name| name.parse::<u32>().ok()))
    });
    folders.iter().map(|folder| folder.join("bin")).collect()
}

/// The first of the programs that stands in PATH or in the folders.
fn find(names: &[&str], folders: &[PathBuf]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).chain(folders.iter().cloned()).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}

/// Says which tests do not run; a machine that must run them all sets REQUIRE_SERVICES=1.
pub fn left_out<T>(engine: &str, programs: &str) -> Option<T> {
    let message = format!("{programs} not found: every test on {engine} IS LEFT OUT");
    assert!(
        env::var_os("REQUIRE_SERVICES").is_none_or(|value| value != "1"),
        "{message}, although REQUIRE_SERVICES=1"
    );
    // Past the test harness, which would swallow what a passing test prints.
    let _ = writeln!(io::stderr(), "\n*** {message} ***\n");
    None
}
