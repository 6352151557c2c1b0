import { describe, expect, it } from "vitest";
import { associationMachine } from "../../src/association/association.table.js";
import { exchangeMachine } from "../../src/association/exchange.table.js";

/** Every state with every event, in one text a reader can hold against the standard; `-` where there is no move. */
function walk(machine: {
  table: Readonly<Record<string, Readonly<Record<string, string>>>>;
  next(state: never, event: never): string | undefined;
}): Record<string, Record<string, string>> {
  const events = [...new Set(Object.values(machine.table).flatMap((moves) => Object.keys(moves)))].sort();
  return Object.fromEntries(
    Object.keys(machine.table).map((state) => [
      state,
      Object.fromEntries(
        events.flatMap((event) => {
          const next = machine.next(state as never, event as never);
          return next === undefined ? [] : [[event, next]];
        }),
      ),
    ]),
  );
}

describe("transition tables", () => {
  it("association: every state times every event", () => {
    expect(walk(associationMachine)).toEqual({
      idle: { aarq: "association-pending", "pre-established": "associated" },
      "association-pending": {
        aarq: "association-pending",
        "aare-accepted": "associated",
        "aare-challenge": "authentication-pending",
        "aare-rejected": "idle",
        lost: "idle",
      },
      "authentication-pending": {
        aarq: "association-pending",
        "hls-passed": "associated",
        "hls-failed": "idle",
        rlrq: "release-pending",
        lost: "idle",
      },
      associated: { aarq: "association-pending", rlrq: "release-pending", lost: "idle" },
      "release-pending": { aarq: "association-pending", rlre: "idle", lost: "idle" },
    });
  });

  for (const [name, machine] of Object.entries({ association: associationMachine, exchange: exchangeMachine }))
    it(`${name}: every state is reached, and all but the last can be left`, () => {
      const reached = new Set<string>([machine.initial]);
      for (let before = 0; before !== reached.size; ) {
        before = reached.size;
        for (const state of [...reached])
          for (const next of Object.values((machine.table as Record<string, Record<string, string>>)[state] ?? {}))
            reached.add(next);
      }
      expect([...reached].sort()).toEqual(Object.keys(machine.table).sort());
      for (const [state, moves] of Object.entries(machine.table))
        if (state !== "done") expect(Object.keys(moves).length, state).toBeGreaterThan(0);
    });

  it("exchange: data of an answer never comes before the request is whole, nor after its end", () => {
    for (const event of ["response-block", "response-last-block"] as const)
      for (const state of ["idle", "request-block-sent", "request-block-due", "response-block-sent", "done"] as const)
        expect(exchangeMachine.next(state, event), `${state} ${event}`).toBeUndefined();
    expect(Object.keys(exchangeMachine.table.done)).toEqual([]);
  });

  it("exchange: whoever waits can be told no, or can give up", () => {
    for (const state of ["request-block-sent", "answering", "response-block-due"] as const) {
      expect(exchangeMachine.next(state, "refusal")).toBe("done");
      expect(exchangeMachine.next(state, "abandoned")).toBe("done");
    }
  });
});
