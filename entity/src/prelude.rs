//! The entities under names of their own: `use entity::prelude::*;`.

pub use crate::comment::Entity as Comment;
pub use crate::project::Entity as Project;
pub use crate::tag::Entity as Tag;
pub use crate::task::Entity as Task;
pub use crate::task_tag::Entity as TaskTag;
pub use crate::user::Entity as User;
