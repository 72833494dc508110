//! What is wanted of an entity.

use std::sync::Arc;

/// Which members of an entity are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Everything but `__metadata` and what is deferred.
    everything: bool,
    /// By name, sorted.
    members: Vec<(Arc<str>, Selection)>,
}

impl Selection {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything, at every level, except `__metadata` and navigations that were not expanded.
    pub fn everything() -> Self {
        Self { everything: true, members: Vec::new() }
    }

    /// These paths: `userId`, `employmentNav/jobInfoNav/startDate`. A path that ends at an expanded navigation wants
    /// the whole of it.
    pub fn of(paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut selection = Self::new();
        for path in paths {
            selection.add(path.as_ref());
        }
        selection
    }

    /// Adds one path.
    pub fn add(&mut self, path: &str) {
        let mut at = self;
        for name in path.split('/') {
            if at.everything {
                return;
            }
            let index = match at.find(name) {
                Ok(index) => index,
                Err(index) => {
                    at.members.insert(index, (name.into(), Self::new()));
                    index
                }
            };
            match at.members.get_mut(index) {
                Some((_, inner)) => at = inner,
                None => return,
            }
        }
        *at = Self::everything();
    }

    /// How many members are wanted by name.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.members.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    /// The selection's own copy of the name and what is wanted below it.
    pub(super) fn wanted(&self, name: &str) -> Option<(Arc<str>, &Self)> {
        if self.everything {
            return (name != "__metadata").then(|| (name.into(), self));
        }
        let (known, inner) = self.members.get(self.find(name).ok()?)?;
        Some((known.clone(), inner))
    }
}
