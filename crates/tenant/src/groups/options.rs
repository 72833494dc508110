//! How groups are read and changed, where tenants differ.

/// How groups are read and changed.
#[derive(Clone, Debug)]
pub struct GroupOptions {
    /// Nothing may ever be written: every change is refused before anything is sent.
    pub read_only: bool,
    /// How members of static groups are added and removed.
    pub writes: MemberWrites,
    /// Users or groups asked about in one `$batch`, 1 to 100. More than 100 is not done to a tenant.
    pub per_batch: usize,
    /// Members that the answers to one `$batch` may hold by the groups' own counts: what bounds the memory of reading
    /// many memberships.
    pub members_per_batch: u64,
}

impl Default for GroupOptions {
    fn default() -> Self {
        Self { read_only: false, writes: MemberWrites::default(), per_batch: 100, members_per_batch: 20_000 }
    }
}

/// How members of static groups are added and removed. None is documented for all tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberWrites {
    /// The function import `updateStaticGroup`. The words of its `action` are not published.
    Function {
        /// The word for adding.
        add: String,
        /// The word for removing.
        remove: String,
    },
    /// PATCH of the SCIM API: permission groups only, and only people with an employment.
    Scim,
    /// PATCH of the authorization REST API, of which little is public: a group that has no members yet, or names them in
    /// a way that cannot be told, is refused.
    Authorization,
}

impl Default for MemberWrites {
    /// The function import with the words that the import of static groups uses (SAP Note 2956909).
    fn default() -> Self {
        Self::Function { add: "add".to_owned(), remove: "remove".to_owned() }
    }
}

/// Which groups are listed. What is empty or `None` does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Any of these types.
    pub kinds: Vec<String>,
    /// Static groups, or dynamic ones.
    pub is_static: Option<bool>,
    /// This very name.
    pub name: Option<String>,
}

impl Which {
    /// Groups of one type.
    pub fn of(kind: &str) -> Self {
        Self { kinds: vec![kind.to_owned()], ..Self::default() }
    }
}
