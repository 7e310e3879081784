//! Where figures come from and what is known of them, which every page, file, picture and report states.
//!
//! | module | makes |
//! |---|---|
//! | [`identity`] | what official publications always say of their figures |
//! | [`citation`] | how a figure or a chart is cited |
//! | [`doubts`] | the findings that cast doubt on figures, beside them |
//! | [`source`] | the source of rows, and the filters that restrict them |

pub mod citation;
pub mod doubts;
pub mod identity;
pub mod source;
