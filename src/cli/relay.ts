import { DisconnectControlV0, Obis } from "../cosem/index.js";
import { confirm } from "./confirm.js";
import type { WriteFlags } from "./link-flags.js";
import { invalid } from "./link-options.js";
import { withMeter } from "./session.js";

export interface RelayFlags extends WriteFlags {
  readonly obis: string;
}

/** Carries out `dlms relay`: Disconnect control (class 70). */
export async function runRelay(what: string, flags: RelayFlags): Promise<void> {
  if (what !== "on" && what !== "off" && what !== "status") throw invalid(`relay ${what}`, "Write on, off or status.");
  const obis = Obis.parse(flags.obis);
  const state = await withMeter(flags, async ({ meter, signal }) => {
    const relay = meter.object(DisconnectControlV0, obis);
    if (what !== "status") {
      await confirm(what === "on" ? "Reconnect the supply" : "Disconnect the supply", flags.yes, signal);
      if (what === "on") await relay.remoteReconnect(undefined, { signal });
      else await relay.remoteDisconnect(undefined, { signal });
      if (flags.verify === false) return undefined;
    }
    return {
      output: (await relay.outputState.get({ signal })) ? "on" : "off",
      state: await relay.controlState.get({ signal }),
      mode: await relay.controlMode.get({ signal }),
    };
  });
  if (flags.json === true) process.stdout.write(`${JSON.stringify(state ?? { asked: what }, null, 1)}\n`);
  else if (state === undefined) process.stdout.write(`asked for ${what}\n`);
  else process.stdout.write(`supply ${state.output}, ${state.state}, control mode ${state.mode}\n`);
}
