//! What mappings read and what the judgement needs, as one tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::{Needs, Root};

use crate::row::{EMPLOYMENT, EMPLOYMENTS};

/// A property or navigation that is read, with what is read behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// Do mappings read it, or only the judgement?
    pub wanted: bool,
    /// A mapping's path ends here: if this is a navigation, all of it is read.
    pub whole: bool,
    /// Does a mapping's path or selector name it? Otherwise it is read along.
    pub named: bool,
    /// What is read behind it.
    pub behind: BTreeMap<Arc<str>, Need>,
}

impl Need {
    /// The tree of a walk: the paths of the mappings, then what the judgement reads.
    pub fn tree(root: Root, needs: &Needs) -> Self {
        let mut tree = Self { wanted: true, ..Self::default() };
        for path in &needs.paths {
            let mut at = &mut tree;
            for (depth, segment) in path.segments().iter().enumerate() {
                let name = match &*segment.name {
                    EMPLOYMENTS if depth == 0 && root == Root::Persons => EMPLOYMENT,
                    name => name,
                };
                at = at.behind.entry(name.into()).or_default();
                (at.wanted, at.named) = (true, true);
                if let Some((member, _)) = &segment.select {
                    let member = at.behind.entry(member.clone()).or_default();
                    (member.wanted, member.named) = (true, true);
                }
            }
            at.whole = true;
        }
        // A selector compares with an option's id or its code, so the code of a type is read along (where there is one).
        for path in &needs.paths {
            let mut at = Some(&mut tree);
            for segment in path.segments() {
                at = at.and_then(|need| need.behind.get_mut(&segment.name));
                if let (Some(need), Some((member, value))) = (&mut at, &segment.select)
                    && !value.bytes().all(|byte| byte.is_ascii_digit())
                {
                    let code = need.want(&format!("{member}Nav")).want("externalCode");
                    code.whole = true;
                }
            }
        }
        match root {
            Root::Persons => tree.judge_person(),
            Root::Users => tree.judge(&["userId", "status", "hireDate", "lastModifiedDateTime"]),
        }
        tree
    }

    fn want(&mut self, name: &str) -> &mut Self {
        let need = self.behind.entry(name.into()).or_default();
        need.wanted = true;
        need
    }

    fn behind(&mut self, name: &str) -> &mut Self {
        self.behind.entry(name.into()).or_default()
    }

    fn judge(&mut self, names: &[&str]) {
        for name in names {
            self.behind(name);
        }
    }

    /// What [`crate::row::person`] looks at.
    fn judge_person(&mut self) {
        self.judge(&["personIdExternal", "lastModifiedDateTime"]);
        self.behind("personEmpTerminationInfoNav").judge(&["activeEmploymentsCount"]);
        let employment = self.behind(EMPLOYMENT);
        employment.judge(&["userId", "startDate", "endDate", "assignmentClass", "isPrimary"]);
        // All of an employment is nothing without its job.
        let whole = employment.whole;
        let job = employment.behind("jobInfoNav");
        job.whole |= whole;
        job.wanted |= whole;
        job.judge(&["startDate", "endDate", "seqNumber", "emplStatus"]);
        job.behind("emplStatusNav").judge(&["externalCode"]);
        if let Some(personal) = self.behind.get_mut("personalInfoNav") {
            personal.judge(&["startDate", "endDate"]);
        }
        for (list, kind) in [("emailNav", "emailType"), ("phoneNav", "phoneType")] {
            if let Some(list) = self.behind.get_mut(list) {
                list.want("isPrimary");
                list.behind(kind);
            }
        }
    }
}

/// Does any mapping look at all employments?
pub fn reads_all_employments(needs: &Needs) -> bool {
    needs.paths.iter().any(|path| path.segments().first().is_some_and(|segment| &*segment.name == EMPLOYMENTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_reads_the_member_it_compares_and_the_code_behind_it() {
        let needs = Needs { paths: ["emailNav[emailType=B].emailAddress".parse().unwrap()].into() };
        let tree = Need::tree(Root::Persons, &needs);
        let email = &tree.behind["emailNav"];
        let names: Vec<&str> = email.behind.keys().map(|name| &**name).collect();
        assert_eq!(names, ["emailAddress", "emailType", "emailTypeNav", "isPrimary"]);
        assert!(email.behind["emailType"].wanted && !tree.behind["personIdExternal"].wanted);
    }
}
