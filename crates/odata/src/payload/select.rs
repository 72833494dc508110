//! What is wanted of an entity.

use std::sync::Arc;

/// Which members of an entity are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Everything but `__metadata` and what is deferred.
    everything: bool,
    /// By name, sorted.
    members: Vec<(Arc<str>, Selection)>,
    /// A bit for the length of each name, and one for its first byte: most members of an answer are not wanted, and
    /// are told apart by these.
    lengths: u64,
    firsts: u64,
}

/// The bits of a name's length and of its first byte.
fn bits(name: &str) -> (u64, u64) {
    let first = name.as_bytes().first().copied().unwrap_or_default();
    (1 << name.len().min(63), 1 << (first & 63))
}

impl Selection {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything, at every level, except `__metadata` and navigations that were not expanded.
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
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
                    let (length, first) = bits(name);
                    at.lengths |= length;
                    at.firsts |= first;
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

    /// What is wanted below the name; `None` when it is not wanted. `hint` is where the name may stand: members come in
    /// the order of their names as a rule.
    pub(super) fn wanted(&self, name: &str, hint: &mut usize) -> Option<&Self> {
        if self.everything {
            return (name != "__metadata").then_some(self);
        }
        let (length, first) = bits(name);
        if self.lengths & length == 0 || self.firsts & first == 0 {
            return None;
        }
        let at = match self.members.get(*hint) {
            Some((known, _)) if **known == *name => *hint,
            _ => self.find(name).ok()?,
        };
        *hint = at + 1;
        self.members.get(at).map(|(_, inner)| inner)
    }
}
