/** Interpolation at 0, modulo ℓ (Shamir, 1979). */
import { addScalars, invertScalar, multiplyScalars, negateScalar } from './group.ts'

/** The factors with which values at these points, distinct and not 0, add up to the polynomial's value at 0. */
export function lagrangeAtZero(points: readonly number[]): bigint[] {
  return points.map((point) => {
    let numerator = 1n
    let denominator = 1n
    for (const other of points) {
      if (other === point) continue
      numerator = multiplyScalars(numerator, BigInt(other))
      denominator = multiplyScalars(denominator, addScalars(BigInt(other), negateScalar(BigInt(point))))
    }
    return multiplyScalars(numerator, invertScalar(denominator))
  })
}
