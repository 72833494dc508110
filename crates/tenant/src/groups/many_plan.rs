//! How the groups of many users are found in few requests.

use super::{Group, GroupOptions};

/// Which way to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// For each user its groups.
    ByUser,
    /// For each group its members: places in the list of groups, in runs of one request each.
    ByGroup(Vec<Vec<usize>>),
}

/// The way with fewer requests; when they are as many, the one with fewer rows. `together` is how many questions one
/// request can hold.
pub(super) fn way(users: usize, groups: &[Group], options: &GroupOptions, together: usize) -> Way {
    let runs = runs(groups, options, together);
    let by_user = users.div_ceil(together.max(1));
    let members: u64 = groups.iter().map(|group| group.members.unwrap_or(0)).sum();
    if by_user < runs.len() || (by_user == runs.len() && (users as u64) < members) {
        Way::ByUser
    } else {
        Way::ByGroup(runs)
    }
}

/// Groups in runs: as many as go together, and no more members than one answer may hold. A group that says no count is
/// taken for as large as an answer may be.
fn runs(groups: &[Group], options: &GroupOptions, together: usize) -> Vec<Vec<usize>> {
    let mut runs: Vec<Vec<usize>> = Vec::new();
    let mut held = 0;
    for (at, group) in groups.iter().enumerate() {
        if group.members == Some(0) {
            continue;
        }
        let members = group.members.unwrap_or(options.members_per_batch);
        match runs.last_mut() {
            Some(run) if run.len() < together && held + members <= options.members_per_batch => {
                run.push(at);
                held += members;
            }
            _ => {
                runs.push(vec![at]);
                held = members;
            }
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::GroupId;

    fn groups(sizes: &[u64]) -> Vec<Group> {
        let group = |(size, id): (&u64, i64)| Group {
            id: GroupId(id),
            name: format!("g{id}"),
            kind: "permission".to_owned(),
            is_static: false,
            active_members: None,
            members: Some(*size),
            modified: None,
            created_by: None,
            user_type: None,
        };
        sizes.iter().zip(1..).map(group).collect()
    }

    #[test]
    fn many_users_are_asked_about_by_group_and_few_by_user() {
        let options = GroupOptions::default();
        let company = groups(&[10_000, 3_000, 2_500, 2_000, 1_500, 800, 100, 0, 50]);
        let Way::ByGroup(runs) = way(10_000, &company, &options, 100) else { panic!("two requests, not a hundred") };
        assert_eq!(runs, [vec![0, 1, 2, 3, 4, 5, 6, 8]].map(|run| run[..].to_vec()).to_vec());
        assert_eq!(way(80, &company, &options, 100), Way::ByUser);
        let large = groups(&[30_000; 40]);
        assert_eq!(way(1_000, &large, &options, 100), Way::ByUser, "10 requests, not 40");
        let Way::ByGroup(runs) = way(10_000, &large, &options, 100) else { panic!("40 requests, not 100") };
        assert_eq!(runs.len(), 40);
    }

    #[test]
    fn every_group_with_members_is_in_one_run_that_fits() {
        let options = GroupOptions { members_per_batch: 1_000, ..GroupOptions::default() };
        let groups = groups(&(0..250).map(|n| (n * 37) % 400).collect::<Vec<u64>>());
        let Way::ByGroup(runs) = way(1_000_000, &groups, &options, 100) else { panic!("by group") };
        let all: Vec<usize> = runs.concat();
        let expected: Vec<usize> = (0..250).filter(|at| groups[*at].members != Some(0)).collect();
        assert_eq!(all, expected);
        for run in runs {
            let held: u64 = run.iter().filter_map(|at| groups[*at].members).sum();
            assert!(run.len() <= 100 && (held <= 1_000 || run.len() == 1));
        }
    }
}
