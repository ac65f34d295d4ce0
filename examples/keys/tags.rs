//! `/api/v1/tags.json`: clients name the key, a text; it has the type `tag` and links to `/labels/`.

use poem_scaffold::{
    args,
    db::{Db, FromRow, Row},
    error::{Error, Result},
    jsonapi::{
        Attributes, ClientId, Created, Deleted, Document, Found, FromAttributes, Identified, Listed, Resource,
        attribute, fields,
    },
    poem::web::Data,
    poem_openapi::{self, Object, OpenApi, param::Path},
    serde_json::{Value, json},
};

/// A tag.
#[derive(Object)]
pub struct Tag {
    /// A text whose name is that of a part of an SQLAlchemy model.
    update: String,
}

impl Resource for Tag {
    const TYPE: &'static str = "tag";
    const LINK: &'static str = "labels";
    const ATTRIBUTES: &'static [attribute::Attribute] = &[attribute::of::<String>("update")];

    fn example() -> Value {
        json!({"update": "daily"})
    }

    fn example_id() -> Value {
        json!("news")
    }
}

impl FromRow for Tag {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            update: row.get("update")?,
        })
    }
}

/// A tag to be added.
#[derive(Object)]
struct NewTag {
    #[oai(skip)]
    id: String,
    /// As shown.
    update: String,
}

impl FromAttributes for NewTag {
    type Resource = Tag;
    const ID: Option<ClientId> = Some(ClientId::text());

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            id: attributes.id(&fields::STRING),
            update: attributes.required("update", &fields::STRING),
        }
    }
}

/// What of a tag is to be changed.
#[derive(Object)]
struct TagPatch {
    /// As shown.
    update: Option<String>,
}

impl FromAttributes for TagPatch {
    type Resource = Tag;

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            update: attributes.optional("update", &fields::STRING),
        }
    }
}

const FIND: &str = r#"select uid as id, "update" from tags where uid = ?"#;

async fn find(db: &Db, id: String) -> Result<Identified<Tag, String>> {
    db.fetch_optional(FIND, args![id]).await?.ok_or(Error::NotFound)
}

pub struct TagsApi;

#[OpenApi(prefix_path = "/api/v1")]
impl TagsApi {
    #[oai(path = "/tags.json", method = "get")]
    async fn list_tags(&self, db: Data<&Db>) -> Result<Listed<Tag, String>> {
        let sql = r#"select uid as id, "update" from tags where uid >= ? order by uid limit ?"#;
        Listed::of(db.pages_by::<String>(sql, args![])).await
    }

    #[oai(path = "/tags.json", method = "post")]
    async fn create_tag(&self, db: Data<&Db>, document: Document<NewTag>) -> Result<Created<Tag, String>> {
        let new = document.read()?;
        let sql = r#"insert into tags (uid, "update") values (?, ?) returning uid as id, "update""#;
        let created = db.insert_returning(sql, args![new.id, new.update]).await?;
        Ok(Created(created))
    }

    #[oai(path = "/tags/{id}.json", method = "get")]
    async fn get_tag(&self, db: Data<&Db>, id: Path<String>) -> Result<Found<Tag, String>> {
        Ok(Found(find(&db, id.0).await?))
    }

    #[oai(path = "/tags/{id}.json", method = "patch")]
    async fn update_tag(
        &self,
        db: Data<&Db>,
        id: Path<String>,
        document: Document<TagPatch>,
    ) -> Result<Found<Tag, String>> {
        let changed = db.transaction(async |db| {
            let locked: Option<Identified<Tag, String>> = db.fetch_locked(FIND, args![id.0.as_str()]).await?;
            locked.ok_or(Error::NotFound)?;
            let sql = r#"update tags set "update" = coalesce(?, "update") where uid = ?"#;
            db.execute(sql, args![document.read()?.update, id.0.as_str()]).await?;
            find(&db, id.0.clone()).await
        });
        Ok(Found(changed.await?))
    }

    #[oai(path = "/tags/{id}.json", method = "delete")]
    async fn delete_tag(&self, db: Data<&Db>, id: Path<String>) -> Result<Deleted> {
        match db.execute("delete from tags where uid = ?", args![id.0]).await? {
            0 => Err(Error::NotFound),
            _ => Ok(Deleted),
        }
    }
}
