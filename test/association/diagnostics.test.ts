import { describe, expect, it } from "vitest";
import { associateDiagnostics, encodeApdu } from "../../src/apdu/index.js";
import { ClientAssociation, type ClientAssociationEvent } from "../../src/association/index.js";
import { serviceErrors, serviceProviderDiagnostics, serviceUserDiagnostics } from "../../src/association/reasons.js";
import { crypto, everything, Joined } from "./joined.js";

const context = "2.16.756.5.8.1.1";

/** What the client says of an AARE that rejects. */
function rejectedWith(
  result: 1 | 2,
  source: "acse-service-user" | "acse-service-provider",
  diagnostic: number,
  userInformation?: Uint8Array,
) {
  const client = new ClientAssociation({ crypto });
  client.send({ type: "associate" }, 0);
  client.takeOutput();
  client.receive(
    encodeApdu({
      type: "aare",
      applicationContextName: context,
      result,
      resultSourceDiagnostic: { source, diagnostic },
      ...(userInformation && { userInformation }),
    }),
    1,
  );
  const events: ClientAssociationEvent[] = [];
  for (let event = client.nextEvent(); event; event = client.nextEvent()) events.push(event);
  const rejected = events.find((event) => event.type === "rejected");
  expect(client.state).toBe("idle");
  return rejected?.error;
}

const sources = [
  ["acse-service-user", serviceUserDiagnostics],
  ["acse-service-provider", serviceProviderDiagnostics],
] as const;

describe.each(sources)("each diagnostic of source %s", (source, table) => {
  it.each(Object.entries(table))("%s is a name, a sentence and an advice", (number, { name, sentence, advice }) => {
    for (const result of [1, 2] as const) {
      const error = rejectedWith(result, source, Number(number));
      expect(error?.code).toBe(
        /^1[1-4]$/.test(number) && source === "acse-service-user" ? "authentication-refused" : "association-rejected",
      );
      expect(error?.message).toContain(sentence);
      expect(error?.message).toContain(result === 1 ? "permanently" : "for now");
      expect(error?.details).toMatchObject({ reason: name, retryable: result === 2 });
      expect(error?.advice).toBe(advice);
      expect(sentence.split(" ").length).toBeGreaterThan(3);
      expect(advice.length).toBeGreaterThan(15);
    }
  });

  it("a number that no table knows is told as the manufacturer's own", () => {
    const error = rejectedWith(1, source, 77);
    expect(error?.details.reason).toBe("77");
    expect(error?.message).toContain("77");
  });
});

it("the tables explain every diagnostic of the standard, and no other", () => {
  const names = (table: object) => Object.values(table).map(({ name }: { name: string }) => name.toLowerCase());
  for (const [source, table] of sources) {
    const standard = associateDiagnostics[source];
    expect(Object.keys(table).sort()).toEqual(Object.values(standard).map(String).sort());
    expect(names(table).map(plain)).toEqual(
      Object.entries(standard)
        .sort(([, a], [, b]) => a - b)
        .map(([name]) => plain(name.toLowerCase())),
    );
  }
});
/** Editions spell recognised and identifier differently. */
const plain = (name: string) => name.replaceAll("recognised", "recognized").replaceAll("identifier", "id");

describe("a rejection with a confirmed-service-error in it", () => {
  const all = Object.entries(serviceErrors).flatMap(([category, { values }]) =>
    values.map((_, value) => [Number(category), value] as const),
  );
  it.each(all)("category %i, value %i explains the rejection", (category, value) => {
    const inner = encodeApdu({ type: "confirmed-service-error", service: 1, category, value });
    const error = rejectedWith(1, "acse-service-user", 1, inner);
    expect(error?.details.reason).toContain(serviceErrors[category]?.values[value]);
    expect(error?.advice?.length).toBeGreaterThan(15);
  });

  it("that cannot be read explains nothing, and the rejection stands", () => {
    const error = rejectedWith(1, "acse-service-user", 2, Uint8Array.of(0x0e, 1));
    expect(error).toMatchObject({ details: { reason: "application-context-name-not-supported" } });
  });
});

describe("after a rejection", () => {
  it("the same client may propose again, and is accepted", () => {
    let turnDown = true;
    const joined = new Joined({
      client: { authentication: { mechanism: "none" } },
      profile: { conformance: everything },
      fault: (apdu, towards) => {
        if (towards === "server" || !turnDown) return [apdu];
        turnDown = false;
        const diagnostic = { source: "acse-service-user", diagnostic: 1 } as const;
        return [
          encodeApdu({ type: "aare", applicationContextName: context, result: 2, resultSourceDiagnostic: diagnostic }),
        ];
      },
    }).associate();
    expect(joined.of("rejected")).toHaveLength(1);
    expect(joined.client.state).toBe("idle");
    joined.associate();
    expect(joined.client.state).toBe("associated");
    expect(joined.server.state).toBe("associated");
  });

  it("an AARQ within an association begins it anew, and what was asked before is over", () => {
    const joined = new Joined().associate();
    expect(joined.server.state).toBe("associated");
    const again = new ClientAssociation({ crypto });
    again.send({ type: "associate" }, 0);
    joined.server.receive(again.takeOutput() ?? new Uint8Array());
    again.receive(joined.server.takeOutput() ?? new Uint8Array(), 1);
    expect(again.state).toBe("associated");
    joined.pump();
    expect(joined.ofServer("associated")).toHaveLength(2);
    expect(joined.ofServer("released")).toHaveLength(1);
  });
});
