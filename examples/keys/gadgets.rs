//! `/api/gadgets`: the key is a UUID, which the server makes where the client gives none; the paths have no `.json`.

use poem_scaffold::{
    args,
    db::{Db, FromRow, Row, new_uuid},
    error::{Error, Result},
    jsonapi::{
        Attributes, ClientId, Created, Deleted, Document, Found, FromAttributes, Identified, Listed, Resource,
        attribute, fields,
    },
    poem::web::Data,
    poem_openapi::{self, Object, OpenApi, param::Path},
    serde_json::{Value, json},
    uuid::Uuid,
};

/// A gadget.
#[derive(Object)]
pub struct Gadget {
    /// What it is called.
    name: String,
}

impl Resource for Gadget {
    const TYPE: &'static str = "gadgets";
    const ATTRIBUTES: &'static [attribute::Attribute] = &[attribute::of::<String>("name")];

    fn example() -> Value {
        json!({"name": "lamp"})
    }

    fn example_id() -> Value {
        json!("67e55044-10b1-426f-9247-bb680e5fe0c8")
    }
}

impl FromRow for Gadget {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { name: row.get("name")? })
    }
}

/// A gadget to be added.
#[derive(Object)]
struct NewGadget {
    #[oai(skip)]
    id: Option<Uuid>,
    /// As shown.
    name: String,
}

impl FromAttributes for NewGadget {
    type Resource = Gadget;
    const ID: Option<ClientId> = Some(ClientId::uuid().optional());

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            id: attributes.optional_id(&fields::Uuid),
            name: attributes.required("name", &fields::STRING),
        }
    }
}

pub struct GadgetsApi;

#[OpenApi(prefix_path = "/api")]
impl GadgetsApi {
    #[oai(path = "/gadgets", method = "get")]
    async fn list_gadgets(&self, db: Data<&Db>) -> Result<Listed<Gadget, Uuid>> {
        let sql = "select uid as id, name from gadgets where uid >= ? order by uid limit ?";
        Listed::of(db.pages_by::<Uuid>(sql, args![])).await
    }

    #[oai(path = "/gadgets", method = "post")]
    async fn create_gadget(&self, db: Data<&Db>, document: Document<NewGadget>) -> Result<Created<Gadget, Uuid>> {
        let new = document.read()?;
        let id = match new.id {
            Some(id) => id,
            None => new_uuid()?,
        };
        let sql = "insert into gadgets (name, uid) values (?, ?) returning uid as id, name";
        Ok(Created(db.insert_returning(sql, args![new.name, id]).await?))
    }

    #[oai(path = "/gadgets/{id}", method = "get")]
    async fn get_gadget(&self, db: Data<&Db>, id: Path<Uuid>) -> Result<Found<Gadget, Uuid>> {
        let sql = "select uid as id, name from gadgets where uid = ?";
        let found: Option<Identified<Gadget, Uuid>> = db.fetch_optional(sql, args![id.0]).await?;
        Ok(Found(found.ok_or(Error::NotFound)?))
    }

    #[oai(path = "/gadgets/{id}", method = "delete")]
    async fn delete_gadget(&self, db: Data<&Db>, id: Path<Uuid>) -> Result<Deleted> {
        match db.execute("delete from gadgets where uid = ?", args![id.0]).await? {
            0 => Err(Error::NotFound),
            _ => Ok(Deleted),
        }
    }
}
