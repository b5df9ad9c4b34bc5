/** Some elements of a parameter that a rank owns. */
export interface OwnedRun {
  /** The parameter's name. */
  readonly name: string;
  /** Element of the parameter that the run begins with. */
  readonly first: number;
  /** Elements of the run. */
  readonly length: number;
}
