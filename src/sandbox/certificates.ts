import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
  type JsonGeneralNames,
} from '@peculiar/x509';

/** A certificate with its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate of ours says. Organizations are Kubernetes groups, the common name is the user. */
export interface Identity {
  readonly commonName: string;
  readonly organization?: string;
  /** DNS names and IP addresses of a server; none: a client. */
  readonly serves?: readonly string[];
}

type Key = webcrypto.CryptoKey;

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const year = 365 * 24 * 3600 * 1000;

/** Signs the certificates of one sandbox cluster; the key never leaves the cluster's folder. */
export class Authority {
  readonly pair: KeyPair;
  readonly #key: Key;
  readonly #certificate: X509Certificate;

  private constructor(pair: KeyPair, key: Key, certificate: X509Certificate) {
    this.pair = pair;
    this.#key = key;
    this.#certificate = certificate;
  }

  /** A new authority that trusts nobody else. */
  static async create(commonName: string): Promise<Authority> {
    cryptoProvider.set(webcrypto);
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...validity(10),
      name: `CN=${commonName}`,
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const pair = { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
    return new Authority(pair, keys.privateKey, certificate);
  }

  /** The authority that was stored as this pair. */
  static async from(pair: KeyPair): Promise<Authority> {
    cryptoProvider.set(webcrypto);
    const [der] = PemConverter.decode(pair.key);
    if (der === undefined) throw new Error('the key of the certificate authority is no PEM');
    const key = await webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
    return new Authority(pair, key, new X509Certificate(pair.certificate));
  }

  /** A certificate for a server (when it serves names) or a client, with a new key. */
  async issue(identity: Identity): Promise<KeyPair> {
    const keys = await newKeys();
    const organization = identity.organization === undefined ? '' : `O=${identity.organization},`;
    const certificate = await X509CertificateGenerator.create({
      ...validity(10),
      subject: `${organization}CN=${identity.commonName}`,
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      signingAlgorithm: algorithm,
      extensions: [
        ...usageOf(identity),
        await AuthorityKeyIdentifierExtension.create(this.#certificate),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
  }
}

/** The key pair that signs service account tokens: private PKCS#8 and public SPKI, PEM. */
export async function serviceAccountKeys(): Promise<{ readonly key: string; readonly publicKey: string }> {
  const keys = await newKeys();
  const spki = await webcrypto.subtle.exportKey('spki', keys.publicKey);
  return { key: await pemOf(keys.privateKey), publicKey: PemConverter.encode(spki, 'PUBLIC KEY') };
}

function usageOf(identity: Identity): readonly Extension[] {
  const { serves = [] } = identity;
  const purpose = serves.length === 0 ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth;
  const names: JsonGeneralNames = serves.map((name) => ({
    type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns',
    value: name,
  }));
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([purpose]),
    ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
  ];
}

/** Begins an hour ago: a clock that was set back must not make the cluster unreachable. */
function validity(years: number): { notBefore: Date; notAfter: Date; serialNumber: string } {
  const now = Date.now();
  return {
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + years * year),
    serialNumber: `01${randomBytes(15).toString('hex')}`,
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function pemOf(key: Key): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
