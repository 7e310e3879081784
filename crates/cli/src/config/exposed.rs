//! Files with a secret that every user of the machine may read.

use std::path::Path;

/// Where an engine for containers mounts the secrets of one: other users of the machine do not see it.
#[cfg(unix)]
const CONTAINER_SECRETS: &str = "/run/secrets";

/// Whether users of the machine other than the owner and the group of a file may read it. What cannot be looked at is
/// for others to say something about.
#[cfg(unix)]
pub fn is_exposed(file: &Path) -> bool {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    const READ: u32 = 0o004;
    const ENTER: u32 = 0o001;
    // A link may be read by all; what counts is what it leads to.
    let Ok(file) = fs::canonicalize(file) else {
        return false;
    };
    let allows = |path: &Path, right: u32| {
        fs::metadata(path).is_ok_and(|found| found.permissions().mode() & right != 0)
    };
    !file.starts_with(CONTAINER_SECRETS)
        && file.is_file()
        && allows(&file, READ)
        && file.ancestors().skip(1).all(|folder| allows(folder, ENTER))
}

/// Whether users of the machine other than the owner of a file may read it: not known here.
#[cfg(not(unix))]
pub fn is_exposed(_file: &Path) -> bool {
    false
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn what_everyone_can_reach_and_read_is_exposed() {
        let place = tempfile::tempdir().unwrap();
        let mode = |path: &Path, mode| {
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        };
        mode(place.path(), 0o755);
        let file = place.path().join("key");
        fs::write(&file, "secret").unwrap();
        let link = place.path().join("link");
        symlink(&file, &link).unwrap();
        // The folder for temporary files may itself be closed to others.
        let open = place
            .path()
            .ancestors()
            .skip(1)
            .all(|folder| fs::metadata(folder).unwrap().permissions().mode() & 0o001 != 0);
        for (bits, expected) in [(0o644, open), (0o640, false), (0o604, open), (0o600, false)] {
            mode(&file, bits);
            assert_eq!(is_exposed(&file), expected, "{bits:o}");
            assert_eq!(is_exposed(&link), expected, "{bits:o}");
        }
        mode(&file, 0o644);
        mode(place.path(), 0o700);
        assert!(!is_exposed(&file));
        assert!(!is_exposed(Path::new("/dev/null")) && !is_exposed(Path::new("nothing")));
    }
}
