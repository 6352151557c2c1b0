/** A transition table: for each state the events it takes and the state each leads to. */
export type TransitionTable<S extends string, E extends string> = {
  readonly [state in S]: { readonly [event in E]?: NoInfer<S> };
};

/** A state machine as data. Roles, counters and buffers live beside it. */
export interface Machine<S extends string, E extends string> {
  readonly initial: S;
  readonly table: TransitionTable<S, E>;
  /** The state that `event` leads to from `state`, or undefined when the table has no such move. */
  next(state: S, event: E): S | undefined;
}

/** Declares a machine; a target that is not a state of the table does not compile. */
export function defineMachine<S extends string, E extends string>(
  initial: NoInfer<S>,
  table: TransitionTable<S, E>,
): Machine<S, E> {
  return { initial, table, next: (state, event) => table[state][event] };
}
