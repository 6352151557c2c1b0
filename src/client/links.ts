import type { Link } from "../base/index.js";
import { allStations, clientAddress, HdlcClientLink, HdlcUnnumberedLink, serverAddress } from "../hdlc/index.js";
import type { Transport } from "../transport/index.js";
import { WrapperClientLink } from "../wrapper/index.js";
import type { Settings } from "./settings.js";

/**
 * The link that an endpoint speaks, for one client address.
 * @param baudRate speed after the sign-on; the transport's own without one
 * @throws UsageError for an address that the link cannot carry.
 */
export function createLink(
  kind: "hdlc" | "wrapper",
  client: number,
  settings: Settings,
  transport: Transport,
  baudRate: number | undefined,
): Link {
  const { server, broadcast } = settings;
  if (kind === "wrapper")
    return new WrapperClientLink({ client, server: server.logical, datagrams: transport.datagrams });
  if (broadcast) {
    const { maxInfoTransmit = 128 } = settings.hdlc;
    const to = {
      ...allStations(server.size ?? 1),
      ...(server.size !== undefined && server.size > 1 && { upper: server.logical }),
    };
    return new HdlcUnnumberedLink({ client: clientAddress(client), server: to, maxInfoTransmit });
  }
  const speed = baudRate ?? transport.line?.baudRate;
  const { maxInfoReceive, maxInfoTransmit, windowReceive, windowTransmit, ...behaviour } = settings.hdlc;
  return new HdlcClientLink({
    ...behaviour,
    client: clientAddress(client),
    server: serverAddress(server.logical, server.physical, server.size),
    retries: settings.retries,
    parameters: {
      ...(maxInfoReceive !== undefined && { maxInfoReceive }),
      ...(maxInfoTransmit !== undefined && { maxInfoTransmit }),
      ...(windowReceive !== undefined && { windowReceive }),
      ...(windowTransmit !== undefined && { windowTransmit }),
    },
    ...(speed !== undefined && { baudRate: speed }),
  });
}
