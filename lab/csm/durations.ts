/** How long the services take for things, in milliseconds of the lab's clock. Real ones take minutes. */
export interface Durations {
  /** From the request to the Kubernetes job of a session of CFS. */
  readonly cfsPending: number
  /** What Ansible takes for all layers. */
  readonly cfsPlay: number
  /** From the end of a session to its artifacts. */
  readonly cfsArtifacts: number
  /** Each step of an IMS job. */
  readonly imsStep: number
  /** How often an open IMS job is looked at. */
  readonly imsPoll: number
  /** From the request to the setup of a session of BOS. */
  readonly bosSetup: number
  /** How often the operators of BOS look at the components. */
  readonly bosPoll: number
  /** What BOS waits for a node that was switched on, before it tries again. */
  readonly bosBootWait: number
  /** From the boot of a node to the word of its bos-reporter. */
  readonly bosReport: number
  /** What a live node takes for its configuration. */
  readonly cfsConfigure: number
  /** What HSM takes to ask a controller. */
  readonly hsmDiscover: number
  /** What PCS takes for one switch of a node. */
  readonly pcsSwitch: number
  /** How often FAS looks at its actions and operations. */
  readonly fasStep: number
}

/** The durations of a lab without options of its own: a boot is a matter of two seconds. */
export const labDurations: Durations = {
  cfsPending: 300,
  cfsPlay: 700,
  cfsArtifacts: 200,
  imsStep: 200,
  imsPoll: 200,
  bosSetup: 300,
  bosPoll: 150,
  bosBootWait: 1500,
  bosReport: 300,
  cfsConfigure: 300,
  hsmDiscover: 300,
  pcsSwitch: 200,
  fasStep: 150,
}
