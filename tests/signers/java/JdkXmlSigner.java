import java.io.FileOutputStream;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.SignatureMethod;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;

/** The XML signature of the JDK (JSR 105): enveloped, RSA with SHA-256. */
final class JdkXmlSigner {
    private JdkXmlSigner() {}

    static boolean carryOut(Order order) throws Exception {
        if (!order.action().equals("xml-enveloped")) {
            return false;
        }
        var builder = DocumentBuilderFactory.newInstance();
        builder.setNamespaceAware(true);
        var document = builder.newDocumentBuilder().parse(order.in());
        var factory = XMLSignatureFactory.getInstance("DOM");
        var enveloped = factory.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null);
        var reference = factory.newReference("", factory.newDigestMethod(DigestMethod.SHA256, null), List.of(enveloped), null, null);
        var info = factory.newSignedInfo(
            factory.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null),
            factory.newSignatureMethod(SignatureMethod.RSA_SHA256, null), List.of(reference));
        var keys = factory.getKeyInfoFactory();
        var key = keys.newKeyInfo(List.of(keys.newX509Data(List.of((X509Certificate) order.chain()[0]))));
        factory.newXMLSignature(info, key).sign(new DOMSignContext(order.privateKey(), document.getDocumentElement()));
        try (var out = new FileOutputStream(order.out())) {
            TransformerFactory.newInstance().newTransformer().transform(new DOMSource(document), new StreamResult(out));
        }
        return true;
    }
}
