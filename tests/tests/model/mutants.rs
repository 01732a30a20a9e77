//! Safeguards that can be removed, one at a time, to show that the model detects each removal.

/// Safeguard that a test removes. Each variant describes the wrong behavior that results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// A refused repetition ends the resolution with "not done".
    RefusalProvesNotDone,
    /// The rejection of a refund counts as a success if its reason is that the refund number was used before.
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
    /// The creation time of a payment is not compared with the times of the attempts.
    CreatedTimeSkipped,
    /// Earlier repetitions are not counted, so that each resolution may repeat an execution.
    RepeatsPerResolution,
    /// Forged claims use the share of the rate limit that is reserved for claims with a secret, such as a payment
    /// token.
    NoShareForFamiliar,
    /// An empty list proves that an entry is absent.
    EmptyListProves,
    /// A list with unreadable entries proves that an entry is absent.
    UnreadableEntriesDropped,
    /// An entry of another shop counts as an entry of the callback's shop.
    OtherShopCounts,
    /// An absent member of a registration counts as a different value, and refutes the callback.
    MissingCredentialRefutes,
    /// A payment confirms a purchaser's return although the payment is in an earlier state than the return claims.
    ReturnRunsAhead,
    /// A success in the reply to a repetition is ignored, even if the reply matches the request.
    SuccessIsLost,
    /// A creation that cannot be sent any more is never concluded.
    ExpiredNeverCloses,
    /// The environment of an answer (test or live) is not compared with the environment of the API key.
    ModeIgnored,
    /// A conclusion does not wait for the acceptance period.
    ConclusiveAtOnce,
    /// A conclusion waits for the acceptance period, but not for the time until queries show the effect. The answer to
    /// a query may then show a state from before the acceptance.
    LagIgnored,
    /// An execution is repeated as soon as the payment seems approved.
    RepeatsEarly,
    /// A resolution ignores that an earlier resolution of the same request concluded "not done".
    CalledOffIgnored,
    /// A call or a repetition whose future is dropped is not recorded.
    DroppedCallForgotten,
    /// Stored times of attempts replace the times that the client has recorded.
    StoredTimesReplaceOwn,
    /// The rejection of a second call is reported as a rejection, although the outcome of the first call is unknown.
    SecondCallRejects,
    /// The attempts at a creation count as unanswered, although the service answered one of them.
    AnswersForgotten,
    /// Repetitions are sent even after the time in which the service recognizes them.
    RepeatableForever,
    /// A repetition may be sent until the end of the time in which the service recognizes repetitions. The service may
    /// accept the repetition after that time.
    AcceptedLater,
}
