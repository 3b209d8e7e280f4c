/** Keeps the certificate valid, and its names those that the portal has, while the server runs. */
import { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../base/clock.ts';
import { type Certificates, ensureCertificates, isCertificateName } from './tls.ts';

/** How soon a new name is noticed, milliseconds; it may have been set by another process. */
const LOOK_EVERY_MS = 1000;
const EXAMINE_EVERY_MS = 3_600_000;
const RETRY_MS = 60_000;

export interface CertificateSource {
  /** Folder of the certificates. */
  folder: string;
  clock: Clock;
  log: Logger;
  /** Names and addresses under which the portal is reached. */
  names(): Promise<string[]>;
  /** Told of each certificate that takes the place of another. */
  onRenewal(certificates: Certificates): void;
}

export class CertificateKeeper implements AsyncDisposable {
  readonly #source: CertificateSource;
  #current: Certificates | undefined;
  #names = '';
  #examinedAt = -Infinity;
  #pause = EXAMINE_EVERY_MS;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(source: CertificateSource) {
    this.#source = source;
  }

  /** The certificate to begin with. @throws Error of the file system */
  async start(): Promise<Certificates> {
    const { clock, names } = this.#source;
    const certificates = await this.#examine(await names(), clock.now());
    this.#timer = setInterval(() => {
      this.#running ??= this.#look().finally(() => {
        this.#running = undefined;
      });
    }, LOOK_EVERY_MS).unref();
    return certificates;
  }

  /** When the certificate in use ends, milliseconds since 1970; not a number before the start. */
  expiresAt(): number {
    return this.#current ? new X509Certificate(this.#current.cert).validToDate.getTime() : NaN;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #look(): Promise<void> {
    const { clock, log, names, onRenewal } = this.#source;
    // A store that does not answer is said by the calls that need it.
    const wanted = await names().catch(() => undefined);
    const now = clock.now();
    const due = Math.abs(now - this.#examinedAt) >= this.#pause;
    if (!wanted || (!due && (String(wanted) === this.#names || this.#pause === RETRY_MS))) return;
    const before = this.#current;
    try {
      const certificates = await this.#examine(wanted, now);
      if (certificates.cert === before?.cert) return;
      onRenewal(certificates);
      log.info({ names: wanted }, 'a new certificate is in use');
    } catch (fault) {
      this.#pause = RETRY_MS;
      log.error({ err: fault }, 'could not renew the certificate');
    }
  }

  async #examine(names: string[], now: number): Promise<Certificates> {
    this.#examinedAt = now;
    const certificates = await ensureCertificates(this.#source.folder, names.filter(isCertificateName), new Date(now));
    this.#names = String(names);
    this.#pause = EXAMINE_EVERY_MS;
    this.#current = certificates;
    return certificates;
  }
}
