/** A sample to try: written for this page, so no training file holds it. */
export interface Snippet {
  /** The model's name of the language. */
  readonly language: string;
  readonly text: string;
}

export const SNIPPETS: readonly Snippet[] = [
  {
    language: "solidity",
    text: `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A jar that several people fill and one person opens
contract Jar {
    address public immutable owner;
    mapping(address => uint256) public given;

    event Filled(address indexed by, uint256 amount);
    error NotOwner();

    constructor() {
        owner = msg.sender;
    }

    function fill() external payable {
        require(msg.value > 0, "nothing given");
        given[msg.sender] += msg.value;
        emit Filled(msg.sender, msg.value);
    }

    function open(address payable to) external {
        if (msg.sender != owner) revert NotOwner();
        (bool sent, ) = to.call{value: address(this).balance}("");
        require(sent, "transfer failed");
    }
}
`,
  },
  {
    language: "svelte",
    text: `<script lang="ts">
  import { createEventDispatcher } from 'svelte';
  import { fade } from 'svelte/transition';

  export let label = 'Add';
  export let items: string[] = [];
  let draft = '';

  const dispatch = createEventDispatcher();
  $: empty = items.length === 0;

  function add() {
    items = [...items, draft];
    dispatch('added', { item: draft });
    draft = '';
  }
</script>

<form on:submit|preventDefault={add}>
  <input bind:value={draft} placeholder="What next?" />
  <button disabled={!draft}>{label}</button>
</form>

{#if empty}
  <p>Nothing yet.</p>
{:else}
  <ul class:long={items.length > 5}>
    {#each items as item (item)}
      <li transition:fade>{item}</li>
    {/each}
  </ul>
{/if}

<style>
  .long { columns: 2; }
</style>
`,
  },
  {
    language: "assemblyscript",
    text: `import { memory } from "memory";

const HEADER: usize = 8;

@unmanaged
class Cell {
  next: usize;
  value: u32;
}

@inline
function load_cell(ptr: usize): Cell {
  return changetype<Cell>(ptr);
}

export function sum(ptr: usize, length: i32): i64 {
  let total: i64 = 0;
  for (let i: i32 = 0; i < length; ++i) {
    total += <i64>load<u32>(ptr + HEADER + (<usize>i << 2));
  }
  return total;
}

export function clear(ptr: usize, length: i32): void {
  memory.fill(ptr, 0, <usize>length << 2);
  store<u32>(ptr, 0, offsetof<Cell>("value"));
  assert(load_cell(ptr).value == 0);
}
`,
  },
  {
    language: "ts",
    text: `import { readFile } from "node:fs/promises";

interface Reading {
  readonly at: Date;
  readonly celsius: number;
}

type Summary = { [station: string]: { mean: number; count: number } };

export async function summarise(path: string): Promise<Summary> {
  const lines = (await readFile(path, "utf8")).split("\\n");
  const summary: Summary = {};
  for (const line of lines) {
    const [station, celsius] = line.split(";");
    if (!station) continue;
    const { mean, count } = summary[station] ?? { mean: 0, count: 0 };
    summary[station] = {
      mean: mean + (Number(celsius) - mean) / (count + 1),
      count: count + 1,
    };
  }
  return summary;
}

export const warmest = (readings: Reading[]): Reading | undefined =>
  readings.reduce<Reading | undefined>(
    (best, each) => (best && best.celsius > each.celsius ? best : each),
    undefined,
  );
`,
  },
  {
    language: "py",
    text: `from collections import Counter
from pathlib import Path


def words(folder: Path) -> Counter[str]:
    """How often each word stands in the text files of a folder."""
    found: Counter[str] = Counter()
    for path in sorted(folder.glob("*.txt")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                found.update(word.lower() for word in line.split() if word.isalpha())
    return found


if __name__ == "__main__":
    for word, times in words(Path(".")).most_common(10):
        print(f"{times:6d}  {word}")
`,
  },
  {
    language: "rs",
    text: `use std::collections::HashMap;

#[derive(Debug, Default)]
pub struct Ledger {
    balances: HashMap<String, i64>,
}

impl Ledger {
    pub fn transfer(&mut self, from: &str, to: &str, amount: i64) -> Result<(), String> {
        let balance = self.balances.get_mut(from).ok_or_else(|| format!("no account {from}"))?;
        if *balance < amount {
            return Err(format!("{from} has only {balance}"));
        }
        *balance -= amount;
        *self.balances.entry(to.to_owned()).or_insert(0) += amount;
        Ok(())
    }
}

fn main() {
    let mut ledger = Ledger::default();
    ledger.balances.insert("ada".into(), 10);
    println!("{:?}", ledger.transfer("ada", "bob", 4));
}
`,
  },
];
