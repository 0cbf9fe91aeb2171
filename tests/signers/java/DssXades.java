import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.enumerations.SignaturePackaging;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.service.tsp.OnlineTSPSource;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.token.DSSPrivateKeyEntry;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import eu.europa.esig.dss.xades.XAdESSignatureParameters;
import eu.europa.esig.dss.xades.reference.Base64Transform;
import eu.europa.esig.dss.xades.reference.CanonicalizationTransform;
import eu.europa.esig.dss.xades.reference.DSSReference;
import eu.europa.esig.dss.xades.reference.DSSTransform;
import eu.europa.esig.dss.xades.reference.EnvelopedSignatureTransform;
import eu.europa.esig.dss.xades.reference.XPath2FilterTransform;
import eu.europa.esig.dss.xades.reference.XPathTransform;
import eu.europa.esig.dss.xades.signature.XAdESCounterSignatureParameters;
import eu.europa.esig.dss.xades.signature.ManifestBuilder;
import eu.europa.esig.dss.xades.signature.XAdESService;
import java.io.File;
import java.security.KeyStore.PasswordProtection;
import java.util.List;
import java.util.Set;

/** EU DSS, XAdES in all packagings and levels: {@code xades:PACKAGING:LEVEL:VARIANT,VARIANT}. */
final class DssXades {
    private static final String EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";

    private DssXades() {}

    static DSSDocument signed(Order order, DSSDocument in) throws Exception {
        String[] words = order.action().split(":", -1);
        var variants = Set.of(words[3].isEmpty() ? new String[] {"plain"} : words[3].split(","));
        var service = new XAdESService(rootsTrusted(order));
        service.setTspSource(new OnlineTSPSource(order.tsa()));
        if (variants.contains("countersigned")) {
            return countersigned(order, in, service);
        }
        if (variants.contains("manifest")) {
            in = new ManifestBuilder("manifest", DigestAlgorithm.SHA256, List.of(in)).build();
        }
        var parameters = new XAdESSignatureParameters();
        parameters.setSignatureLevel(SignatureLevel.valueByName("XAdES-BASELINE-" + words[2]));
        parameters.setSignaturePackaging(SignaturePackaging.valueOf(words[1]));
        try (var token = new Pkcs12SignatureToken(order.key(), new PasswordProtection(order.pin()))) {
            DSSPrivateKeyEntry key = token.getKeys().get(0);
            DssSigner.named(parameters, key);
            vary(parameters, variants, in);
            var value = token.sign(service.getDataToSign(in, parameters), parameters.getDigestAlgorithm(), key);
            return service.signDocument(in, parameters, value);
        }
    }

    private static void vary(XAdESSignatureParameters parameters, Set<String> variants, DSSDocument in) {
        parameters.setManifestSignature(variants.contains("manifest"));
        parameters.setEmbedXML(variants.contains("embedded"));
        parameters.setPrettyPrint(variants.contains("pretty"));
        parameters.setSignKeyInfo(variants.contains("keyinfo"));
        parameters.setAddX509SubjectName(variants.contains("subject"));
        parameters.setEn319132(!variants.contains("old"));
        if (variants.contains("place")) {
            parameters.setXPathLocationString("/toKhai/chuKy");
        }
        if (variants.contains("sha512")) {
            parameters.setDigestAlgorithm(DigestAlgorithm.SHA512);
        }
        if (variants.contains("inclusive")) {
            parameters.setSignedInfoCanonicalizationMethod("http://www.w3.org/TR/2001/REC-xml-c14n-20010315");
            parameters.setSignedPropertiesCanonicalizationMethod("http://www.w3.org/2006/12/xml-c14n11");
        }
        List<DSSTransform> transforms = transforms(variants);
        if (!transforms.isEmpty()) {
            var reference = new DSSReference();
            reference.setId("ref");
            reference.setUri(variants.contains("id") ? "#data" : "");
            reference.setContents(in);
            reference.setDigestMethodAlgorithm(DigestAlgorithm.SHA256);
            reference.setTransforms(transforms);
            parameters.setReferences(List.of(reference));
        }
    }

    private static List<DSSTransform> transforms(Set<String> variants) {
        var canonical = new CanonicalizationTransform(EXCLUSIVE);
        if (variants.contains("enveloped-transform")) {
            return List.of(new EnvelopedSignatureTransform(), canonical);
        }
        if (variants.contains("xpath")) {
            return List.of(new XPathTransform("not(ancestor-or-self::ds:Signature)"), canonical);
        }
        if (variants.contains("xpath-content")) {
            return List.of(new XPathTransform("ancestor-or-self::hoTen"), canonical);
        }
        if (variants.contains("filter")) {
            return List.of(new XPath2FilterTransform("/descendant::ds:Signature", "subtract"), canonical);
        }
        if (variants.contains("filter-content")) {
            return List.of(new XPath2FilterTransform("/toKhai/hoTen", "intersect"), canonical);
        }
        if (variants.contains("id")) {
            return List.of(canonical);
        }
        return variants.contains("base64") ? List.of(new Base64Transform()) : List.of();
    }

    /** Only roots are anchors, so that the status of the authorities below them is embedded too. */
    private static CommonCertificateVerifier rootsTrusted(Order order) {
        var roots = new CommonTrustedCertificateSource();
        var others = new CommonCertificateSource();
        for (File file : order.trust().listFiles()) {
            var certificate = DSSUtils.loadCertificate(file);
            (certificate.isSelfSigned() ? roots : others).addCertificate(certificate);
        }
        var verifier = DssSigner.verifier(order);
        verifier.setTrustedCertSources(roots);
        verifier.setAdjunctCertSources(others);
        return verifier;
    }

    private static DSSDocument countersigned(Order order, DSSDocument in, XAdESService service) throws Exception {
        var parameters = new XAdESCounterSignatureParameters();
        parameters.setSignatureLevel(SignatureLevel.XAdES_BASELINE_B);
        parameters.setSignatureIdToCounterSign(order.field());
        try (var token = new Pkcs12SignatureToken(order.key(), new PasswordProtection(order.pin()))) {
            DSSPrivateKeyEntry key = token.getKeys().get(0);
            DssSigner.named(parameters, key);
            var data = service.getDataToBeCounterSigned(in, parameters);
            var value = token.sign(data, parameters.getDigestAlgorithm(), key);
            return service.counterSignSignature(in, parameters, value);
        }
    }
}
