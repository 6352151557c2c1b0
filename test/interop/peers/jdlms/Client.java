// SPDX-License-Identifier: GPL-3.0-only
// A client made of jDLMS, for interoperability tests; not part of the npm package.
// Usage: java -cp ... Client NAME=VALUE...   with the names of ClientOptions in ../../support/report.ts
// Prints what it read and did as one JSON object; see ../../support/report.ts.
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.openmuc.jdlms.AttributeAddress;
import org.openmuc.jdlms.AuthenticationMechanism;
import org.openmuc.jdlms.DlmsConnection;
import org.openmuc.jdlms.GetResult;
import org.openmuc.jdlms.MethodParameter;
import org.openmuc.jdlms.SecuritySuite;
import org.openmuc.jdlms.SecuritySuite.EncryptionMechanism;
import org.openmuc.jdlms.SecuritySuite.SecurityPolicy;
import org.openmuc.jdlms.SecurityUtils;
import org.openmuc.jdlms.SelectiveAccessDescription;
import org.openmuc.jdlms.SetParameter;
import org.openmuc.jdlms.TcpConnectionBuilder;
import org.openmuc.jdlms.datatypes.BitString;
import org.openmuc.jdlms.datatypes.CosemDateFormat;
import org.openmuc.jdlms.datatypes.DataObject;
import org.openmuc.jdlms.settings.client.ReferencingMethod;

public class Client {
    static final HexFormat HEX = HexFormat.of().withUpperCase();
    static final String ENERGY = "1.0.15.8.0.255";
    static final String VOLTAGE = "1.0.32.7.0.255";
    static final String PROFILE = "1.0.99.1.0.255";
    static final String NOTE = "0.0.96.1.9.255";
    static final String SWITCH = "0.0.96.3.10.255";

    public static void main(String[] args) throws Exception {
        Map<String, String> told = Arrays.stream(args).map(arg -> arg.split("=", 2)).collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        String link = told.get("link");
        TcpConnectionBuilder builder = new TcpConnectionBuilder("127.0.0.1").setPort(Integer.parseInt(told.get("port")));
        if (told.get("referencing").equals("short-name")) builder.setReferencingMethod(ReferencingMethod.SHORT);
        if (link.equals("hdlc")) builder.useHdlc().setPhysicalDeviceAddress(17);
        else builder.useWrapper();
        builder.setLogicalDeviceId(1).setResponseTimeout(8000);
        builder.setSecuritySuite(security(builder, told.get("authentication"), told.get("password"), told.get("key"), Long.parseLong(told.get("counter"))));
        try (DlmsConnection connection = builder.build()) {
            if (told.containsKey("newKey")) renew(connection, HEX.parseHex(told.get("masterKey")), HEX.parseHex(told.get("newKey")));
            System.out.println(report(connection, told, HEX.parseHex(told.get("from")), HEX.parseHex(told.get("to"))));
        }
    }

    static SecuritySuite security(TcpConnectionBuilder builder, String authentication, String password, String key, long counter) {
        SecuritySuite.SecuritySuiteBuilder suite = SecuritySuite.builder();
        switch (authentication) {
            case "none":
                builder.setClientId(16);
                break;
            case "low":
                builder.setClientId(2);
                suite.setAuthenticationMechanism(AuthenticationMechanism.LOW).setPassword(password.getBytes(StandardCharsets.US_ASCII));
                break;
            default:
                builder.setClientId(1).setSystemTitle("JDL", 99L).setFrameCounter(counter);
                suite.setAuthenticationMechanism(AuthenticationMechanism.HLS5_GMAC)
                        .setEncryptionMechanism(EncryptionMechanism.AES_GCM_128)
                        .setSecurityPolicy(SecurityPolicy.AUTHENTICATED_AND_ENCRYPTED)
                        .setGlobalUnicastEncryptionKey(HEX.parseHex(key))
                        .setAuthenticationKey(HEX.parseHex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"));
        }
        return suite.build();
    }

    /** Transfers a new unicast key, and goes on under it. */
    static void renew(DlmsConnection connection, byte[] master, byte[] key) throws Exception {
        MethodParameter transfer = SecurityUtils.keyChangeMethodParamFor(master, key, SecurityUtils.KeyId.GLOBAL_UNICAST_ENCRYPTION_KEY);
        long code = connection.action(transfer).getResultCode().getCode();
        if (code != 0) throw new IllegalStateException("key transfer: " + code);
        connection.changeClientGlobalEncryptionKey(key);
    }

    static String report(DlmsConnection connection, Map<String, String> told, byte[] from, byte[] to) throws Exception {
        StringBuilder json = new StringBuilder("{");
        field(json, "clock", read(connection, 8, "0.0.1.0.0.255", 2));
        field(json, "energy", "[" + read(connection, 3, ENERGY, 2) + "," + read(connection, 3, ENERGY, 3) + "]");
        field(json, "voltage", "[" + read(connection, 3, VOLTAGE, 2) + "," + read(connection, 3, VOLTAGE, 3) + "]");
        List<GetResult> list = connection.get(List.of(new AttributeAddress(3, ENERGY, 3), new AttributeAddress(3, VOLTAGE, 3),
                new AttributeAddress(1, NOTE, 2)));
        field(json, "list", list.stream().map(result -> plain(result.getResultData())).collect(Collectors.joining(",", "[", "]")));
        field(json, "objects", read(connection, told.get("referencing").equals("short-name") ? 12 : 15, "0.0.40.0.0.255", 2));
        field(json, "columns", read(connection, 7, PROFILE, 3));
        field(json, "all", read(connection, 7, PROFILE, 2));
        DataObject entries = DataObject.newStructureData(DataObject.newUInteger32Data(3), DataObject.newUInteger32Data(98),
                DataObject.newUInteger16Data(1), DataObject.newUInteger16Data(0));
        field(json, "entries", select(connection, 2, entries));
        DataObject clock = DataObject.newStructureData(DataObject.newUInteger16Data(8), DataObject.newOctetStringData(new byte[] {0, 0, 1, 0, 0, (byte) 255}),
                DataObject.newInteger8Data((byte) 2), DataObject.newUInteger16Data(0));
        DataObject range = DataObject.newStructureData(clock, DataObject.newOctetStringData(from), DataObject.newOctetStringData(to),
                DataObject.newArrayData(List.of()));
        field(json, "range", select(connection, 1, range));
        // `HdlcLayer.sendSegment` reads a whole frame's worth from what is left of a request, however little that is.
        String shortText = write(connection, 40);
        field(json, "note", "[" + (told.get("link").equals("hdlc") ? shortText : shortText + "," + write(connection, 900)) + "]");
        field(json, "denied", String.valueOf(connection.set(new SetParameter(new AttributeAddress(3, ENERGY, 2), DataObject.newUInteger32Data(0))).getCode()));
        field(json, "missing", String.valueOf(connection.get(new AttributeAddress(3, "1.0.250.8.0.255", 2)).getResultCode().getCode()));
        String before = read(connection, 70, SWITCH, 2);
        String off = String.valueOf(connection.action(new MethodParameter(70, SWITCH, 1, DataObject.newInteger8Data((byte) 0))).getResultCode().getCode());
        String between = read(connection, 70, SWITCH, 2);
        String on = String.valueOf(connection.action(new MethodParameter(70, SWITCH, 2, DataObject.newInteger8Data((byte) 0))).getResultCode().getCode());
        field(json, "switch", "[" + String.join(",", before, off, between, on, read(connection, 70, SWITCH, 2)) + "]");
        return json.append("\"peer\":\"jdlms\"}").toString();
    }

    /** Writes a text of that length, and reads it back. */
    static String write(DlmsConnection connection, int length) throws Exception {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) text[i] = (byte) (7 * i + length);
        long code = connection.set(new SetParameter(new AttributeAddress(1, NOTE, 2), DataObject.newOctetStringData(text))).getCode();
        return code == 0 ? read(connection, 1, NOTE, 2) : String.valueOf(code);
    }

    static String read(DlmsConnection connection, int classId, String name, int attribute) throws Exception {
        return plain(connection.get(new AttributeAddress(classId, name, attribute)));
    }

    static String select(DlmsConnection connection, int selector, DataObject parameters) throws Exception {
        return plain(connection.get(new AttributeAddress(7, PROFILE, 2, new SelectiveAccessDescription(selector, parameters))));
    }

    static void field(StringBuilder json, String name, String value) {
        json.append('"').append(name).append("\":").append(value).append(',');
    }

    static String plain(GetResult result) {
        DataObject data = result.getResultData();
        return data == null ? "\"" + result.getResultCode() + "\"" : plain(data);
    }

    /** A value as JSON: octets in hexadecimal, arrays and structures as arrays. */
    static String plain(DataObject data) {
        if (data.isNull()) return "null";
        if (data.isComplex()) {
            List<DataObject> elements = data.getValue();
            return elements.stream().map(Client::plain).collect(Collectors.joining(",", "[", "]"));
        }
        if (data.isByteArray()) return "\"" + HEX.formatHex(data.<byte[]>getValue()) + "\"";
        if (data.isCosemDateFormat()) return "\"" + HEX.formatHex(data.<CosemDateFormat>getValue().encode()) + "\"";
        if (data.isBitString()) {
            BitString bits = data.getValue();
            return "\"" + HEX.formatHex(Arrays.copyOf(bits.getBitString(), (bits.getNumBits() + 7) / 8)) + "\"";
        }
        return String.valueOf(data.<Object>getValue());
    }
}
