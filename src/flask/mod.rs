//! Everything that exists only because of the originals; pure, without I/O.

pub mod datetime;
pub mod decimal;
pub mod dialect;
pub mod dotenv;
pub mod email;
pub mod hashlib;
pub mod plural;
pub mod profile;
pub mod python;
pub mod python_json;
pub mod sqlalchemy;
pub mod tablename;
pub mod tables;
pub mod truth;
pub mod url;
pub mod werkzeug;
