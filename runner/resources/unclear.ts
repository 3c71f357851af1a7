export { invalid, unclear } from '../core/unclear.ts'
