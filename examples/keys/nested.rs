//! `/labelled.json` and `/remarks.json`: tags with all notes that have them, and notes with their one tag; read-only.

use poem_scaffold::{
    args,
    db::{Db, FromRow, Row},
    error::{Error, Result},
    jsonapi::{
        attribute::{self, Attribute},
        nested::{self, Nested, NestedAttribute, NestedRow},
        resource::{Found, Identified, Listed, Resource},
    },
    poem::web::Data,
    poem_openapi::{self, Object, OpenApi, param::Path},
    serde_json::{Value, json},
};

/// A tag with its notes.
#[derive(Object)]
pub struct Labelled {
    /// How often.
    update: String,
    /// The notes that have it.
    #[oai(read_only)]
    notes: Vec<Nested<LabelledNote>>,
}

impl Resource for Labelled {
    const TYPE: &'static str = "labelled";
    const ATTRIBUTES: &'static [Attribute] = &[attribute::of::<String>("update")];
    const NESTED: &'static [NestedAttribute] = &[NestedAttribute::all::<LabelledNote>("notes")];

    fn example() -> Value {
        json!({"update": "daily"})
    }
}

impl FromRow for Labelled {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            update: row.get("update")?,
            notes: Vec::new(),
        })
    }
}

/// A note as its tag has it.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Labelled.notes")]
pub struct LabelledNote {
    /// Its id.
    id: String,
    /// The key of its tag.
    tag: Option<String>,
}

impl NestedRow for LabelledNote {
    type Key = String;
    const TABLE: &'static str = "notes";
    const SQL: &'static str = r#"select this.uid as "this.id", other.id, other.tag
                                 from tags as this
                                 join notes as other on other.tag = this.uid
                                 where this.uid >= ? and this.uid <= ?
                                 order by this.uid, other.id
                                 limit ?"#;
    const ATTRIBUTES: &'static [Attribute] = &[attribute::of::<String>("id"), attribute::of::<Option<String>>("tag")];
}

impl FromRow for LabelledNote {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            tag: row.get_nullable("tag")?,
        })
    }
}

/// A note with its tag.
#[derive(Object)]
pub struct Remark {
    /// The tag.
    #[oai(read_only)]
    label: Option<Nested<RemarkLabel>>,
}

impl Resource for Remark {
    const TYPE: &'static str = "remarks";
    const ATTRIBUTES: &'static [Attribute] = &[];
    const NESTED: &'static [NestedAttribute] = &[NestedAttribute::one::<RemarkLabel>("label")];

    fn example() -> Value {
        json!({})
    }
}

impl FromRow for Remark {
    fn from_row(_row: &Row) -> Result<Self> {
        Ok(Self { label: None })
    }
}

/// A tag as its note has it.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Remark.label")]
pub struct RemarkLabel {
    /// Its id.
    id: String,
    /// How often.
    update: i32,
}

impl NestedRow for RemarkLabel {
    type Key = String;
    const TABLE: &'static str = "tags";
    const SQL: &'static str = r#"select this.id as "this.id", other.uid as id, other."update"
                                 from notes as this
                                 join tags as other on other.uid = this.tag
                                 where this.id >= ? and this.id <= ?
                                 order by this.id
                                 limit ?"#;
    // As a number, which not each of them is.
    const ATTRIBUTES: &'static [Attribute] = &[attribute::of::<String>("id"), attribute::of::<i32>("update")];
}

impl FromRow for RemarkLabel {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            update: row.get("update")?,
        })
    }
}

pub struct NestedApi;

#[OpenApi]
impl NestedApi {
    #[oai(path = "/labelled.json", method = "get")]
    async fn list_labelled(&self, db: Data<&Db>) -> Result<Listed<Labelled, String>> {
        let sql = r#"select uid as id, "update" from tags where uid >= ? order by uid limit ?"#;
        Listed::of(db.pages_by::<String>(sql, args![])).await
    }

    #[oai(path = "/labelled/{id}.json", method = "get")]
    async fn get_labelled(&self, db: Data<&Db>, id: Path<String>) -> Result<Found<Labelled, String>> {
        let sql = r#"select uid as id, "update" from tags where uid = ?"#;
        let found: Option<Identified<Labelled, String>> = db.fetch_optional(sql, args![id.0]).await?;
        let mut found = found.ok_or(Error::NotFound)?;
        found.attributes.notes = nested::all(&db, found.id.clone()).await?;
        Ok(Found(found))
    }

    #[oai(path = "/remarks.json", method = "get")]
    async fn list_remarks(&self, db: Data<&Db>) -> Result<Listed<Remark, String>> {
        let sql = "select id from notes where id >= ? order by id limit ?";
        Listed::of(db.pages_by::<String>(sql, args![])).await
    }

    #[oai(path = "/remarks/{id}.json", method = "get")]
    async fn get_remark(&self, db: Data<&Db>, id: Path<String>) -> Result<Found<Remark, String>> {
        let sql = "select id from notes where id = ?";
        let found: Option<Identified<Remark, String>> = db.fetch_optional(sql, args![id.0]).await?;
        let mut found = found.ok_or(Error::NotFound)?;
        found.attributes.label = nested::one(&db, found.id.clone()).await?;
        Ok(Found(found))
    }
}
