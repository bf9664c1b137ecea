export default function Playground() {
  return <p>soon</p>;
}
