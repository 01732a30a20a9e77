//! Safeguards that can be removed, one at a time, to show that the model detects each removal.

/// Removed safeguard. Each variant describes the wrong behavior without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// A refused repetition ends the resolution with "not done".
    RefusalProvesNotDone,
    /// "This refund number was used" counts as a success.
    DuplicateProvesDone,
    /// Replies and answers are not compared with the request.
    BindingSkipped,
    /// A 4xx status without the documented body counts as a rejection.
    StatusLineRejects,
    /// A refused query about a callback refutes the callback.
    RefusedQuestionRefutes,
    /// An absent member of the answer refutes a callback.
    AbsentMemberRefutes,
    /// Any refund refutes a callback, including a partial one.
    PartialRefundRefutes,
    /// A refunded payment counts as paid.
    ReversedIsDone,
    /// The creation time of a payment is not compared.
    CreatedTimeSkipped,
    /// Each resolution may repeat an execution.
    RepeatsPerResolution,
    /// No share of the rate limit is reserved for familiar claims.
    NoShareForFamiliar,
    /// An empty list proves absence.
    EmptyListProves,
    /// Unreadable entries do not count.
    UnreadableEntriesDropped,
    /// An entry of another shop counts.
    OtherShopCounts,
    /// An absent member of a registration counts as a different value, and refutes the callback.
    MissingCredentialRefutes,
    /// A payment in an earlier state than the claimed one confirms a purchaser's return.
    ReturnRunsAhead,
    /// A bound success of a repetition is ignored, and only the status counts.
    SuccessIsLost,
    /// A creation that cannot be sent any more is never concluded.
    ExpiredNeverCloses,
    /// The environment of an answer is not compared.
    ModeIgnored,
    /// A conclusion does not wait for the acceptance period.
    ConclusiveAtOnce,
    /// A conclusion waits for the acceptance period, but not for the time until queries show the effect. The answer may
    /// be older than the last acceptance.
    LagIgnored,
    /// An execution is repeated as soon as the payment seems approved.
    RepeatsEarly,
    /// A resolution that waited for another one ignores the conclusion of that one.
    CalledOffIgnored,
    /// A call whose future is dropped is not recorded.
    DroppedCallForgotten,
    /// Stored times of attempts replace the times that the client has recorded.
    StoredTimesReplaceOwn,
    /// The rejection of a second call counts, regardless of the first.
    SecondCallRejects,
    /// Attempts count as unanswered, regardless of earlier answers.
    AnswersForgotten,
    /// The time in which the service recognizes a repetition is ignored.
    RepeatableForever,
    /// A repetition may be sent until the end of the time in which the service recognizes it, and accepted later.
    AcceptedLater,
}
