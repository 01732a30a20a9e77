//! A state machine without a final state.

use shapes::own_cycle::OrderStatus;

#[test]
fn no_status_of_a_circular_state_machine_is_final() {
    for status in OrderStatus::KNOWN {
        assert_eq!(status.next().len(), 1, "{status:?}");
        assert!(!status.is_final(), "{status:?}");
    }
}
