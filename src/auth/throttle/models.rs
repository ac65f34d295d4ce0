//! Attempts of the last hour, and the networks that users have logged in from.

use super::{client::ClientAddress, limits::HOUR};
use crate::{
    args,
    db::{Db, FromRow, Row},
    error::Result,
};

/// How long a network is known, in milliseconds.
const NETWORK_LIFETIME: i64 = 90 * 24 * HOUR;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptKind {
    /// A password was wrong, or is being checked.
    Login,
    /// Somebody signed up.
    SignUp,
    /// Somebody asked for a reset mail.
    Reset,
}

impl AttemptKind {
    fn name(self) -> &'static str {
        match self {
            AttemptKind::Login => "login",
            AttemptKind::SignUp => "signup",
            AttemptKind::Reset => "reset",
        }
    }
}

/// A row of the past.
pub struct Past {
    /// `account`, `address`, `network` or `known`: what the row was found by.
    pub found_by: String,
    /// The attempt's key.
    pub id: String,
    /// The network it came from.
    pub network: String,
    /// The address it came from.
    pub address: String,
    /// When, in Unix milliseconds.
    pub at: i64,
}

impl FromRow for Past {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            found_by: row.get("found_by")?,
            id: row.get("id")?,
            network: row.get("network")?,
            address: row.get("address")?,
            at: row.get("tried_at")?,
        })
    }
}

/// The tables behind the throttle.
#[derive(Clone, Debug)]
pub struct Attempts {
    db: Db,
}

impl Attempts {
    /// The tables in `db`.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The failed logins that count for the next one, the newest first, and whether the network is known.
    ///
    /// # Errors
    /// [`crate::error::Error::Database`], as for every query here.
    pub async fn logins(&self, account: &str, client: &ClientAddress, now: i64) -> Result<Vec<Past>> {
        let sql = "select 'account' as found_by, a.id, a.network, a.address, a.tried_at
                   from (select id, network, address, tried_at
                         from poem_scaffold_attempts
                         where account = ? and tried_at > ?
                         order by tried_at desc
                         limit 200) as a
                   union all
                   select 'address' as found_by, b.id, b.network, b.address, b.tried_at
                   from (select id, network, address, tried_at
                         from poem_scaffold_attempts
                         where address = ? and kind = 'login' and tried_at > ?
                         order by tried_at desc
                         limit 200) as b
                   union all
                   select 'known' as found_by, '' as id, n.network, '' as address, n.seen_at as tried_at
                   from poem_scaffold_networks n
                   where n.account = ? and n.network = ? and n.seen_at > ?";
        let (since, known_since) = (now - HOUR, now - NETWORK_LIFETIME);
        let (address, network) = (client.address.as_str(), client.network.as_str());
        let args = args![account, since, address, since, account, network, known_since];
        self.db.fetch_all(sql, args).await
    }

    /// The sign-ups or requests for mails of a network.
    pub async fn requests(&self, kind: AttemptKind, client: &ClientAddress, now: i64) -> Result<Vec<Past>> {
        let sql = "select 'network' as found_by, id, network, address, tried_at
                   from poem_scaffold_attempts
                   where network = ? and kind = ? and tried_at > ?
                   order by tried_at desc
                   limit 400";
        let args = args![client.network.as_str(), kind.name(), now - HOUR];
        self.db.fetch_all(sql, args).await
    }

    /// Counts an attempt.
    pub async fn add(
        &self,
        id: &str,
        kind: AttemptKind,
        account: &str,
        client: &ClientAddress,
        now: i64,
    ) -> Result<()> {
        let sql = "insert into poem_scaffold_attempts (id, kind, account, network, address, tried_at)
                   values (?, ?, ?, ?, ?, ?)";
        let (network, address) = (client.network.as_str(), client.address.as_str());
        let args = args![id, kind.name(), account, network, address, now];
        self.db.execute(sql, args).await.map(drop)
    }

    /// Counts an attempt no more.
    pub async fn remove(&self, id: &str) -> Result<()> {
        let sql = "delete from poem_scaffold_attempts where id = ?";
        self.db.execute(sql, args![id]).await.map(drop)
    }

    /// Notes that somebody logged in to the account from a network that is not known.
    pub async fn add_network(&self, account: &str, network: &str, now: i64) -> Result<()> {
        let sql = "insert into poem_scaffold_networks (account, network, seen_at) values (?, ?, ?)";
        match self.db.execute(sql, args![account, network, now]).await {
            // Another login from there came first, or it was known so long ago that it no longer is.
            Err(error) if error.is_unique_violation() => self.renew_network(account, network, now).await.map(drop),
            outcome => outcome.map(drop),
        }
    }

    /// Notes that somebody logged in to the account from a known network again; `false` if it is not there.
    pub async fn renew_network(&self, account: &str, network: &str, now: i64) -> Result<bool> {
        let sql = "update poem_scaffold_networks set seen_at = ? where account = ? and network = ?";
        Ok(self.db.execute(sql, args![now, account, network]).await? > 0)
    }

    /// Keeps the hundred newest networks of the account.
    pub async fn trim_networks(&self, account: &str) -> Result<()> {
        let sql = "delete from poem_scaffold_networks
                   where account = ?
                     and seen_at < (select min(seen_at)
                                    from (select seen_at
                                          from poem_scaffold_networks
                                          where account = ?
                                          order by seen_at desc
                                          limit 100) as newest)";
        self.db.execute(sql, args![account, account]).await.map(drop)
    }

    /// Removes what counts no more. Nothing is written where there is nothing of it.
    pub async fn sweep(&self, now: i64) -> Result<()> {
        let old = "select id as column_name from poem_scaffold_attempts where tried_at < ? limit 1";
        let sql = "delete from poem_scaffold_attempts where tried_at < ?";
        self.remove_old(old, sql, now - HOUR).await?;
        let old = "select account as column_name from poem_scaffold_networks where seen_at < ? limit 1";
        let sql = "delete from poem_scaffold_networks where seen_at < ?";
        self.remove_old(old, sql, now - NETWORK_LIFETIME).await
    }

    async fn remove_old(&self, old: &'static str, sql: &'static str, before: i64) -> Result<()> {
        if self.db.fetch_optional::<String>(old, args![before]).await?.is_some() {
            self.db.execute(sql, args![before]).await?;
        }
        Ok(())
    }
}
