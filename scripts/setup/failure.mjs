/** A set-up failure that is explained to the user; its stack is of no use to them. */
export class SetupFailure extends Error {
  /**
   * @param {string} message what went wrong
   * @param {string} [repair] what to do about it
   */
  constructor(message, repair) {
    super(message);
    this.name = 'SetupFailure';
    this.repair = repair;
  }
}
