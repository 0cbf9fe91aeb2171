import eu.europa.esig.dss.signature.AbstractSignatureParameters;
import eu.europa.esig.dss.cades.CAdESSignatureParameters;
import eu.europa.esig.dss.cades.signature.CAdESService;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.enumerations.SignaturePackaging;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.PAdESTimestampParameters;
import eu.europa.esig.dss.pades.SignatureFieldParameters;
import eu.europa.esig.dss.pades.SignatureImageParameters;
import eu.europa.esig.dss.pades.SignatureImageTextParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.service.tsp.OnlineTSPSource;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.token.DSSPrivateKeyEntry;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import eu.europa.esig.dss.xades.XAdESSignatureParameters;
import eu.europa.esig.dss.xades.signature.XAdESService;
import java.io.File;
import java.security.KeyStore.PasswordProtection;

/** EU DSS: PAdES, XAdES enveloped, CAdES enveloping; levels B-T, LT and archive. */
final class DssSigner {
    private DssSigner() {}

    static boolean carryOut(Order order) throws Exception {
        DSSDocument in = new FileDocument(order.in());
        DSSDocument out = switch (order.action()) {
            case "sign", "sign-visible" -> pades(order, in);
            case "time-stamp" -> padesService(order).timestamp(in, new PAdESTimestampParameters());
            case "validation-data" -> padesService(order).extendDocument(in, at(SignatureLevel.PAdES_BASELINE_LT));
            case "xades-enveloped", "xades-enveloping" -> xades(order, in);
            case "cades" -> cades(order, in);
            default -> DssXades.signed(order, in);
        };
        out.save(order.out().getPath());
        return true;
    }

    private static PAdESSignatureParameters at(SignatureLevel level) {
        var parameters = new PAdESSignatureParameters();
        parameters.setSignatureLevel(level);
        return parameters;
    }

    private static DSSDocument pades(Order order, DSSDocument in) throws Exception {
        var parameters = at(SignatureLevel.PAdES_BASELINE_T);
        if (order.visible()) {
            var field = new SignatureFieldParameters();
            field.setPage(1);
            field.setOriginX(order.left());
            field.setOriginY(770);
            field.setWidth(150);
            field.setHeight(50);
            var text = new SignatureImageTextParameters();
            text.setText("Đã ký: " + order.field());
            var image = new SignatureImageParameters();
            image.setFieldParameters(field);
            image.setTextParameters(text);
            parameters.setImageParameters(image);
        }
        try (var token = new Pkcs12SignatureToken(order.key(), new PasswordProtection(order.pin()))) {
            DSSPrivateKeyEntry key = token.getKeys().get(0);
            named(parameters, key);
            var service = padesService(order);
            var value = token.sign(service.getDataToSign(in, parameters), parameters.getDigestAlgorithm(), key);
            return service.signDocument(in, parameters, value);
        }
    }

    private static DSSDocument xades(Order order, DSSDocument in) throws Exception {
        var parameters = new XAdESSignatureParameters();
        parameters.setSignatureLevel(SignatureLevel.XAdES_BASELINE_B);
        boolean enveloped = order.action().endsWith("enveloped");
        parameters.setSignaturePackaging(enveloped ? SignaturePackaging.ENVELOPED : SignaturePackaging.ENVELOPING);
        try (var token = new Pkcs12SignatureToken(order.key(), new PasswordProtection(order.pin()))) {
            DSSPrivateKeyEntry key = token.getKeys().get(0);
            named(parameters, key);
            var service = new XAdESService(verifier(order));
            var value = token.sign(service.getDataToSign(in, parameters), parameters.getDigestAlgorithm(), key);
            return service.signDocument(in, parameters, value);
        }
    }

    private static DSSDocument cades(Order order, DSSDocument in) throws Exception {
        var parameters = new CAdESSignatureParameters();
        parameters.setSignatureLevel(SignatureLevel.CAdES_BASELINE_B);
        parameters.setSignaturePackaging(SignaturePackaging.ENVELOPING);
        try (var token = new Pkcs12SignatureToken(order.key(), new PasswordProtection(order.pin()))) {
            DSSPrivateKeyEntry key = token.getKeys().get(0);
            named(parameters, key);
            var service = new CAdESService(verifier(order));
            var value = token.sign(service.getDataToSign(in, parameters), parameters.getDigestAlgorithm(), key);
            return service.signDocument(in, parameters, value);
        }
    }

    static void named(AbstractSignatureParameters<?> parameters, DSSPrivateKeyEntry key) {
        parameters.setSigningCertificate(key.getCertificate());
        parameters.setCertificateChain(key.getCertificateChain());
    }

    private static PAdESService padesService(Order order) {
        var service = new PAdESService(verifier(order));
        service.setTspSource(new OnlineTSPSource(order.tsa()));
        return service;
    }

    static CommonCertificateVerifier verifier(Order order) {
        var trusted = new CommonTrustedCertificateSource();
        for (File file : order.trust().listFiles()) {
            trusted.addCertificate(DSSUtils.loadCertificate(file));
        }
        var verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        verifier.setCrlSource(new OnlineCRLSource());
        verifier.setOcspSource(new OnlineOCSPSource());
        return verifier;
    }
}
