//! The mends that can be taken out, one at a time, to see that the checker notices.

/// What is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// 1. A refused repetition ends the resolution with "not done".
    RefusalProvesNotDone,
    /// 2. "This refund number was used" counts as success.
    DuplicateProvesDone,
    /// 3. Replies and answers are not compared with the request.
    BindingSkipped,
    /// 4. A 4xx status line without the documented body counts as a refusal.
    StatusLineRejects,
    /// 5. A refused question about a callback refutes it.
    RefusedQuestionRefutes,
    /// 5. An absent member of the answer refutes a callback.
    AbsentMemberRefutes,
    /// 5. Any refund refutes a callback, a partial one too.
    PartialRefundRefutes,
    /// 6. A payment that was given back counts as paid.
    ReversedIsDone,
    /// 7. The time at which a payment was created is not compared.
    CreatedTimeSkipped,
    /// 8. Each resolution may repeat an execution.
    RepeatsPerResolution,
    /// 9. No part of the budget is kept for familiar claims.
    NoShareForFamiliar,
    /// 10. An empty list proves absence.
    EmptyListProves,
    /// 10. Entries that cannot be read do not count.
    UnreadableEntriesDropped,
    /// 10. An entry of another shop counts.
    OtherShopCounts,
    /// 10. Absent members of a registration count as equal to nothing, and refute.
    MissingCredentialRefutes,
    /// 11. A return is confirmed by a payment that has not come as far.
    ReturnRunsAhead,
    /// 11. A bound success of a repetition is dropped, and only the status counts.
    SuccessIsLost,
    /// 11. A creation that cannot be sent any more waits for ever.
    ExpiredNeverCloses,
    /// 11. The environment of an answer is not compared.
    ModeIgnored,
    /// A conclusion needs no time at all.
    ConclusiveAtOnce,
    /// Time is given for acceptance, and none for showing: the answer may be from before the last acceptance.
    LagIgnored,
    /// An execution is repeated as soon as the payment seems approved.
    RepeatsEarly,
    /// A resolution that waited does not look what the other one concluded.
    CalledOffIgnored,
    /// A call whose future is dropped leaves no trace.
    DroppedCallForgotten,
    /// Stored times of attempts replace what the client knows itself.
    StoredTimesReplaceOwn,
    /// The refusal of a second call counts, whatever became of the first.
    SecondCallRejects,
    /// Attempts count as unanswered, whatever was answered by this process or an earlier one.
    AnswersForgotten,
}
