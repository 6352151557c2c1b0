import { type AccessModes, AssociationSn, AssociationSnV2, Obis, type ValueOf } from "../cosem/index.js";
import { listedRights } from "./association-object.js";
import type { MockObject, RequestContext } from "./object.js";
import { accessResult, Refusal } from "./results.js";
import { object } from "./table-object.js";

type Listed = ValueOf<typeof AssociationSnV2.attributes.objectList.type>[number];
type Rights = ValueOf<typeof AssociationSnV2.attributes.accessRightsList.type>[number];

/** What the association needs to know of its meter. */
export interface AssociationSnHost {
  /** Undefined for an object without a short name. */
  baseNameOf(object: MockObject): number | undefined;
  /** Six octets: the security setup of this client. */
  securitySetup(clientSap: number): Uint8Array;
  /** Takes another password or secret for the next association; false where this client has none. */
  changeSecret(clientSap: number, secret: Uint8Array): boolean;
  /** How access modes are told: in bits from version 4 on. Default `enumerated`. */
  readonly modes?: AccessModes;
}

/**
 * The current Association SN (class 12; version 4 where access modes are `bits`, else 2): what it tells depends on who asks. Pass 3 and 4 of high level
 * authentication are carried out by the association itself and stand here for the object list.
 */
export function associationSnObject(logicalName: Uint8Array, host: AssociationSnHost): MockObject {
  const { modes = "enumerated" } = host;
  // The two differ in what an access mode means, and in the users of the client, which are not shown.
  const table = modes === "bits" ? (AssociationSn as unknown as typeof AssociationSnV2) : AssociationSnV2;
  const listed = ({ device, clientSap }: RequestContext) =>
    device.visibleTo(clientSap).flatMap((one) => {
      const baseName = host.baseNameOf(one);
      return baseName === undefined ? [] : [{ one, baseName }];
    });
  return object(
    table,
    Obis.fromOctets(logicalName),
    {
      objectList: (context) => listed(context).map(({ one, baseName }): Listed => element(one, baseName)),
      accessRightsList: (context) =>
        listed(context).map(
          ({ one, baseName }): Rights => ({ baseName, ...listedRights(one, context.clientSap, modes) }),
        ),
      securitySetupReference: ({ clientSap }) => Obis.fromOctets(host.securitySetup(clientSap)),
    },
    {
      methods: {
        changeSecret: (secret, { clientSap }) => {
          if (secret.length === 0 || !host.changeSecret(clientSap, secret))
            throw new Refusal(accessResult.readWriteDenied);
        },
        replyToHlsAuthentication: () => {
          throw new Refusal(accessResult.readWriteDenied);
        },
      },
    },
  );
}

function element({ classId, version, logicalName }: MockObject, baseName: number): Listed {
  return { baseName, classId, version, logicalName: Obis.fromOctets(logicalName) };
}
