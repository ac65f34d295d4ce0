//! The clock, as columns keep its times.

use chrono::{NaiveDateTime, SubsecRound, Utc};

/// The present in UTC with microseconds, which every engine's columns keep.
pub fn now() -> NaiveDateTime {
    Utc::now().naive_utc().trunc_subsecs(6)
}
