// SPDX-License-Identifier: GPL-3.0-only
// A client made of jDLMS, for interoperability tests; not part of the npm package.
// Usage: java -cp ... Client.java PORT hdlc|wrapper none|low|gmac [COUNTER]   prints what it read, a line each
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.openmuc.jdlms.AttributeAddress;
import org.openmuc.jdlms.AuthenticationMechanism;
import org.openmuc.jdlms.DlmsConnection;
import org.openmuc.jdlms.GetResult;
import org.openmuc.jdlms.SecuritySuite;
import org.openmuc.jdlms.SecuritySuite.EncryptionMechanism;
import org.openmuc.jdlms.SecuritySuite.SecurityPolicy;
import org.openmuc.jdlms.SelectiveAccessDescription;
import org.openmuc.jdlms.TcpConnectionBuilder;
import org.openmuc.jdlms.datatypes.DataObject;

public class Client {
    public static void main(String[] args) throws Exception {
        TcpConnectionBuilder builder = new TcpConnectionBuilder("127.0.0.1").setPort(Integer.parseInt(args[0]));
        if (args[1].equals("hdlc")) builder.useHdlc().setPhysicalDeviceAddress(17);
        else builder.useWrapper();
        builder.setLogicalDeviceId(1).setResponseTimeout(8000);
        SecuritySuite.SecuritySuiteBuilder suite = SecuritySuite.builder();
        switch (args[2]) {
            case "none": builder.setClientId(16); break;
            case "low":
                builder.setClientId(2);
                suite.setAuthenticationMechanism(AuthenticationMechanism.LOW).setPassword("12345678".getBytes(StandardCharsets.US_ASCII));
                break;
            default:
                builder.setClientId(1).setSystemTitle("JDL", 99L);
                if (args.length > 3) builder.setFrameCounter(Long.parseLong(args[3]));
                suite.setAuthenticationMechanism(AuthenticationMechanism.HLS5_GMAC)
                        .setEncryptionMechanism(EncryptionMechanism.AES_GCM_128)
                        .setSecurityPolicy(SecurityPolicy.AUTHENTICATED_AND_ENCRYPTED)
                        .setGlobalUnicastEncryptionKey(Meter.hex("000102030405060708090A0B0C0D0E0F"))
                        .setAuthenticationKey(Meter.hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"));
        }
        builder.setSecuritySuite(suite.build());
        try (DlmsConnection connection = builder.build()) {
            print("clock", connection.get(new AttributeAddress(8, "0.0.1.0.0.255", 2)));
            if (args[2].equals("none")) return;
            print("energy", connection.get(new AttributeAddress(3, "1.0.1.8.0.255", 2)));
            print("scaler", connection.get(new AttributeAddress(3, "1.0.1.8.0.255", 3)));
            List<GetResult> list = connection.get(List.of(new AttributeAddress(3, "1.0.1.8.0.255", 3), new AttributeAddress(3, "1.0.2.8.0.255", 3)));
            for (GetResult result : list) print("list", result);
            DataObject objects = connection.get(new AttributeAddress(15, "0.0.40.0.0.255", 2)).getResultData();
            System.out.println("objects " + objects.<List<DataObject>>getValue().size());
            DataObject columns = connection.get(new AttributeAddress(7, "1.0.99.1.0.255", 3)).getResultData();
            System.out.println("columns " + columns.<List<DataObject>>getValue().size());
            DataObject entries = DataObject.newStructureData(DataObject.newUInteger32Data(1), DataObject.newUInteger32Data(96),
                    DataObject.newUInteger16Data(1), DataObject.newUInteger16Data(0));
            DataObject rows = connection.get(new AttributeAddress(7, "1.0.99.1.0.255", 2, new SelectiveAccessDescription(2, entries))).getResultData();
            System.out.println("rows " + rows.<List<DataObject>>getValue().size());
            System.out.println("last " + rows.<List<DataObject>>getValue().get(95).<List<DataObject>>getValue().get(2).getValue());
        }
    }

    static void print(String name, GetResult result) {
        DataObject data = result.getResultData();
        System.out.println(name + " " + result.getResultCode() + " " + (data == null ? "" : data.isByteArray() ? java.util.HexFormat.of().formatHex(data.<byte[]>getValue()) : data.toString().replaceAll("\\s+", " ")));
    }
}
