import type { Endpoint, Listener, Transport } from "../../src/transport/index.js";
import type { JoinedTransports } from "../transport/transport-contract.js";

/** Listens, and joins what `endpoint` makes to what the listener accepts. */
export async function join<L extends Listener>(
  listener: L,
  endpoint: (listener: L) => Endpoint,
): Promise<JoinedTransports> {
  const accepted: Transport[] = [];
  let wake = () => {};
  await listener.listen((transport) => {
    accepted.push(transport);
    wake();
  });
  const near = endpoint(listener).createTransport();
  const far = () =>
    new Promise<Transport>((resolve) => {
      wake = () => accepted[0] !== undefined && resolve(accepted[0]);
      wake();
    });
  const end = async () => {
    await near.close();
    await accepted[0]?.close();
    await listener.close();
  };
  return { near, far, end };
}
