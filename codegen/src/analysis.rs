//! Facts about a resolved spec that several passes need: directions, rules, fields, groups, states.
//!
//! `lint`, `plan`, `diff` and the emitters use this module; it uses only the resolved spec. A test checks the imports.

mod computed;
mod directions;
mod envelope;
mod examples;
mod fields;
mod groups;
mod rules;
mod states;
mod times;

pub(crate) use computed::is_secret;
pub(crate) use directions::{Directions, follow, follow_type, openness, received_group};
pub(crate) use envelope::{
    code_of, envelope_names, envelope_of, has_several_meanings, is_kept, is_success, success_in_words,
};
pub(crate) use examples::to_json;
pub(crate) use fields::{
    FieldsOf, each_field, each_message_field, field_lists, is_supplied, supplied_by_client, supplied_by_value,
};
pub(crate) use groups::{Announced, announced, discriminating_enum, discriminator};
pub(crate) use rules::{attach_rules, is_integer_coded, scalar_rules};
pub(crate) use states::{Reduced, is_final, moves_on, reached, state};
pub(crate) use times::{in_notation, time_notation};
