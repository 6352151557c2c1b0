// docs/coverage.md: each form of each service, which end does it, and what of other origin shows that it is right.
// UPDATE_DOCS=1 writes the table anew; it takes DLMS_CORPUS for the vectors.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { formsOfCorpus } from "../coverage/corpus.js";
import { allForms, formsByPeer, neverSent, senderOf } from "../coverage/forms.js";
import { formsOfMeters, formsOfSessions } from "../coverage/sessions.js";
import { proofs } from "../interop/proofs.js";

const path = join(fileURLToPath(new URL("../..", import.meta.url)), "docs/coverage.md");
const begin = "<!-- forms -->\n";
const end = "<!-- /forms -->";
const file = readFileSync(path, "utf8");
const table = file.slice(file.indexOf(begin) + begin.length, file.indexOf(end));
/** Forms for which nothing of other origin was to be had; what is said of them in the text. */
const byOwnEndsAlone = new Set(["data-notification-confirm"]);

interface Row {
  readonly form: string;
  readonly client: string;
  readonly meter: string;
  readonly vectors: string;
  readonly peers: string;
}

async function rowsNow(): Promise<Row[]> {
  const seen = new Set([...formsOfSessions().keys(), ...(await formsOfMeters())]);
  const vectors = formsOfCorpus();
  const before = new Map(rowsOf(table).map((row) => [row.form, row]));
  return allForms.map((form) => {
    const sender = senderOf(form);
    const does = (end: "client" | "meter") => {
      if (neverSent.has(form)) return "reads";
      const other = end === "client" ? "meter" : "client";
      const sends = sender !== other && seen.has(`${end} sends ${form}`);
      const takes = sender !== end && seen.has(`${other} sends ${form}`);
      return [...(sends ? ["sends"] : []), ...(takes ? ["takes"] : [])].join(", ");
    };
    return {
      form,
      client: does("client"),
      meter: does("meter"),
      vectors: vectors ? vectorText(vectors.get(form) ?? []) : (before.get(form)?.vectors ?? ""),
      peers: peersOf(form),
    };
  });
}

const vectorText = (ids: readonly string[]) =>
  ids.length === 0 ? "" : `${ids[0]}${ids.length > 1 ? ` and ${ids.length - 1} more` : ""}`;

function peersOf(form: string): string {
  const live = proofs.filter(({ id }) => id === form);
  const names = [...new Set(live.map(({ peer }) => peer.replace(/ [\d.]+$/, "")))].sort();
  return [...names, ...(formsByPeer.includes(form) ? ["ASN.1 codec"] : [])].join(", ");
}

const textOf = (rows: readonly Row[]) =>
  [
    "| form | our client | our meter | vectors of real messages | of other origin |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| \`${row.form}\` | ${row.client} | ${row.meter} | ${row.vectors} | ${row.peers} |`),
  ].join("\n");

const rowsOf = (text: string): Row[] =>
  [...text.matchAll(/^\| `(.+?)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$/gm)].map(
    ([, form = "", client = "", meter = "", vectors = "", peers = ""]) => ({ form, client, meter, vectors, peers }),
  );

describe("coverage.md", () => {
  it("lists every form of the tables of APDUs, as things are", async () => {
    const text = textOf(await rowsNow());
    if (process.env["UPDATE_DOCS"] === undefined) expect(table.trim()).toBe(text);
    else
      writeFileSync(
        path,
        `${file.slice(0, file.indexOf(begin) + begin.length)}\n${text}\n\n${file.slice(file.indexOf(end))}`,
      );
  });

  it.each(rowsOf(table))("$form is done by both ends, and proven", ({ form, client, meter, vectors, peers }) => {
    expect(client, "the client does it").not.toBe("");
    expect(meter, "the meter does it").not.toBe("");
    if (!byOwnEndsAlone.has(form) && !neverSent.has(form)) expect(vectors + peers, "proof").not.toBe("");
  });
});
