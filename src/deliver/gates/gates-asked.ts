import type { Gate } from '../../spec/index.ts';

/** What came out of a gate; only `pass` lets anything through. */
export interface GateReply {
  readonly outcome: 'pass' | 'fail' | 'unknown';
  /** One sentence for people. */
  readonly why: string;
}

/** A gate that is asked: `gateOn` has filled its variables. */
export interface AskedGate {
  readonly gate: Gate;
  readonly fleet: string;
  /** What is delivered: a Job of the same gate and revision is found again and not run twice. */
  readonly revision: string;
}
