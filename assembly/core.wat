(module
 (type $0 (func (param i32 i32 i32)))
 (type $1 (func (param i32 i32 i32 i32)))
 (type $2 (func (param i32 i32 i32) (result i32)))
 (type $3 (func (param i32 i32)))
 (type $4 (func (param i32 i32 i32) (result f64)))
 (type $5 (func (param i32 i32) (result i32)))
 (type $6 (func (param i32 i32 i32 i32) (result f64)))
 (type $7 (func (param i32 i32 i32 i32) (result i32)))
 (type $8 (func (result i32)))
 (import "env" "memory" (memory $0 0))
 (export "abiVersion" (func $assembly/index/abiVersion))
 (export "step" (func $assembly/index/step))
 (export "stepMeasured" (func $assembly/index/stepMeasured))
 (export "scan" (func $assembly/index/scan))
 (export "checkRuns" (func $assembly/checks/checkRuns))
 (export "checkSegment" (func $assembly/checks/checkSegment))
 (export "foldChecks" (func $assembly/checks/foldChecks))
 (export "narrowBfloat16" (func $assembly/half/narrowBfloat16))
 (export "narrowFloat16" (func $assembly/half/narrowFloat16))
 (export "scanRange" (func $assembly/reduce/scanRange))
 (export "scanRuns" (func $assembly/rows/scanRuns))
 (export "stepRuns" (func $assembly/rows/stepRuns))
 (export "widenBfloat16" (func $assembly/widen/widenBfloat16))
 (export "widenFloat16" (func $assembly/widen/widenFloat16))
 (func $assembly/widen/widenFloat16 (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 v128)
  (local $5 v128)
  (local $6 i32)
  local.get $2
  i32.const 2
  i32.shr_u
  local.tee $3
  if
   loop $do-loop|0
    local.get $1
    local.get $0
    v128.load16x4_u align=2
    local.tee $4
    v128.const i32x4 0x00007fff 0x00007fff 0x00007fff 0x00007fff
    v128.and
    local.tee $5
    i32.const 13
    i32x4.shl
    v128.const i32x4 0x77800000 0x77800000 0x77800000 0x77800000
    f32x4.mul
    local.get $5
    v128.const i32x4 0x00007c00 0x00007c00 0x00007c00 0x00007c00
    i32x4.ge_s
    v128.const i32x4 0x7f800000 0x7f800000 0x7f800000 0x7f800000
    v128.and
    v128.or
    local.get $4
    v128.const i32x4 0x00008000 0x00008000 0x00008000 0x00008000
    v128.and
    i32.const 16
    i32x4.shl
    v128.or
    v128.store
    local.get $0
    i32.const 8
    i32.add
    local.set $0
    local.get $1
    i32.const 16
    i32.add
    local.set $1
    local.get $3
    i32.const 1
    i32.sub
    local.tee $3
    br_if $do-loop|0
   end
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $2
  if
   loop $do-loop|1
    local.get $1
    local.get $0
    i32.load16_u
    local.tee $3
    i32.const 32767
    i32.and
    local.tee $6
    i32.const 13
    i32.shl
    f32.reinterpret_i32
    f32.const 5192296858534827628530496e9
    f32.mul
    i32.reinterpret_f32
    i32.const 2139095040
    i32.const 0
    local.get $6
    i32.const 31744
    i32.ge_u
    select
    i32.or
    local.get $3
    i32.const 32768
    i32.and
    i32.const 16
    i32.shl
    i32.or
    i32.store
    local.get $0
    i32.const 2
    i32.add
    local.set $0
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $2
    i32.const 1
    i32.sub
    local.tee $2
    br_if $do-loop|1
   end
  end
 )
 (func $assembly/metrics/squares (param $0 i32) (param $1 i32) (param $2 i32) (result f64)
  local.get $2
  i32.const 0
  i32.const 64
  memory.fill
  local.get $0
  local.get $1
  i32.const 0
  local.get $2
  call $assembly/sums/addSquares
  local.get $2
  f64.load
  local.get $2
  f64.load offset=32
  f64.add
  local.get $2
  f64.load offset=16
  local.get $2
  f64.load offset=48
  f64.add
  f64.add
  local.get $2
  f64.load offset=8
  local.get $2
  f64.load offset=40
  f64.add
  local.get $2
  f64.load offset=24
  local.get $2
  f64.load offset=56
  f64.add
  f64.add
  f64.add
 )
 (func $assembly/sums/addSquares (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32)
  (local $4 i32)
  (local $5 v128)
  (local $6 v128)
  (local $7 v128)
  (local $8 v128)
  (local $9 i32)
  (local $10 i32)
  local.get $0
  local.set $4
  local.get $2
  i32.const 7
  i32.and
  local.set $2
  loop $while-continue|0
   local.get $1
   i32.const 0
   local.get $2
   select
   if
    local.get $3
    local.get $2
    i32.const 3
    i32.shl
    i32.add
    local.tee $10
    local.get $10
    f64.load
    local.get $0
    f32.load
    f64.promote_f32
    local.get $4
    f32.load
    f64.promote_f32
    f64.mul
    f64.add
    f64.store
    local.get $0
    i32.const 4
    i32.add
    local.set $0
    local.get $4
    i32.const 4
    i32.add
    local.set $4
    local.get $1
    i32.const 1
    i32.sub
    local.set $1
    local.get $2
    i32.const 1
    i32.add
    i32.const 7
    i32.and
    local.set $2
    br $while-continue|0
   end
  end
  local.get $1
  i32.const 3
  i32.shr_u
  local.tee $2
  if
   local.get $3
   v128.load
   local.set $5
   local.get $3
   v128.load offset=16
   local.set $6
   local.get $3
   v128.load offset=32
   local.set $7
   local.get $3
   v128.load offset=48
   local.set $8
   loop $do-loop|1
    local.get $5
    local.get $0
    v128.load64_zero
    f64x2.promote_low_f32x4
    local.tee $5
    local.get $5
    f64x2.mul
    f64x2.add
    local.set $5
    local.get $6
    local.get $0
    v128.load64_zero offset=8
    f64x2.promote_low_f32x4
    local.tee $6
    local.get $6
    f64x2.mul
    f64x2.add
    local.set $6
    local.get $7
    local.get $0
    v128.load64_zero offset=16
    f64x2.promote_low_f32x4
    local.tee $7
    local.get $7
    f64x2.mul
    f64x2.add
    local.set $7
    local.get $8
    local.get $0
    v128.load64_zero offset=24
    f64x2.promote_low_f32x4
    local.tee $8
    local.get $8
    f64x2.mul
    f64x2.add
    local.set $8
    local.get $0
    i32.const 32
    i32.add
    local.set $0
    local.get $4
    i32.const 32
    i32.add
    local.set $4
    local.get $2
    i32.const 1
    i32.sub
    local.tee $2
    br_if $do-loop|1
   end
   local.get $3
   local.get $5
   v128.store
   local.get $3
   local.get $6
   v128.store offset=16
   local.get $3
   local.get $7
   v128.store offset=32
   local.get $3
   local.get $8
   v128.store offset=48
  end
  local.get $1
  i32.const 7
  i32.and
  local.set $1
  loop $while-continue|2
   local.get $1
   local.tee $2
   i32.const 1
   i32.sub
   local.set $1
   local.get $2
   if
    local.get $3
    local.get $9
    i32.const 3
    i32.shl
    i32.add
    local.tee $2
    local.get $2
    f64.load
    local.get $0
    f32.load
    f64.promote_f32
    local.get $4
    f32.load
    f64.promote_f32
    f64.mul
    f64.add
    f64.store
    local.get $0
    i32.const 4
    i32.add
    local.set $0
    local.get $4
    i32.const 4
    i32.add
    local.set $4
    local.get $9
    i32.const 1
    i32.add
    i32.const 7
    i32.and
    local.set $9
    br $while-continue|2
   end
  end
 )
 (func $assembly/segment/stepRange (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 i32)
  (local $8 i32)
  (local $9 i32)
  local.get $0
  i32.load offset=32
  local.set $6
  local.get $2
  i32.eqz
  if
   return
  end
  local.get $6
  i32.const 760
  i32.and
  i32.eqz
  if
   local.get $0
   local.get $1
   local.get $2
   local.get $6
   call $assembly/segment/updateBlock
   return
  end
  local.get $1
  local.get $2
  i32.add
  local.set $8
  loop $do-loop|0
   i32.const 1024
   local.get $8
   local.get $1
   i32.sub
   local.tee $2
   local.get $2
   i32.const 1024
   i32.ge_u
   select
   local.set $9
   local.get $0
   i32.load offset=32
   local.tee $5
   i32.const 96
   i32.and
   if
    local.get $0
    i32.load offset=80
    local.get $1
    i32.const 1
    i32.shl
    i32.add
    local.set $2
    local.get $0
    i32.load offset=4
    local.get $1
    i32.const 2
    i32.shl
    i32.add
    local.set $4
    local.get $5
    i32.const 32
    i32.and
    if
     local.get $2
     local.get $4
     local.get $9
     call $assembly/widen/widenFloat16
    else
     local.get $9
     i32.const 2
     i32.shr_u
     local.tee $5
     if
      loop $do-loop|00
       local.get $4
       local.get $2
       v128.load16x4_u align=2
       i32.const 16
       i32x4.shl
       v128.store
       local.get $2
       i32.const 8
       i32.add
       local.set $2
       local.get $4
       i32.const 16
       i32.add
       local.set $4
       local.get $5
       i32.const 1
       i32.sub
       local.tee $5
       br_if $do-loop|00
      end
     end
     local.get $9
     i32.const 3
     i32.and
     local.tee $5
     if
      loop $do-loop|1
       local.get $4
       local.get $2
       i32.load16_u
       i32.const 16
       i32.shl
       i32.store
       local.get $2
       i32.const 2
       i32.add
       local.set $2
       local.get $4
       i32.const 4
       i32.add
       local.set $4
       local.get $5
       i32.const 1
       i32.sub
       local.tee $5
       br_if $do-loop|1
      end
     end
    end
   end
   i32.const 0
   local.get $6
   i32.const 512
   i32.and
   local.get $1
   i32.const 4095
   i32.and
   select
   if
    local.get $0
    i32.load offset=84
    local.get $1
    i32.const 12
    i32.shr_u
    i32.const 6
    i32.shl
    i32.add
    i32.const 0
    i32.const 64
    memory.fill
   end
   local.get $0
   local.get $1
   local.get $9
   local.get $6
   call $assembly/segment/updateBlock
   local.get $6
   i32.const 24
   i32.and
   if
    local.get $0
    i32.load
    local.get $1
    i32.const 2
    i32.shl
    i32.add
    local.set $4
    local.get $0
    i32.load offset=20
    local.get $1
    i32.const 1
    i32.shl
    i32.add
    local.set $2
    local.get $6
    i32.const 8
    i32.and
    if
     local.get $4
     local.get $2
     local.get $9
     call $assembly/half/narrowFloat16
     local.set $7
     local.get $6
     i32.const 256
     i32.and
     if
      local.get $2
      local.get $4
      local.get $9
      call $assembly/widen/widenFloat16
     end
    else
     local.get $4
     local.get $2
     local.get $9
     call $assembly/half/narrowBfloat16
     local.set $7
     local.get $6
     i32.const 256
     i32.and
     if
      local.get $9
      i32.const 2
      i32.shr_u
      local.tee $5
      if
       loop $do-loop|01
        local.get $4
        local.get $2
        v128.load16x4_u align=2
        i32.const 16
        i32x4.shl
        v128.store
        local.get $2
        i32.const 8
        i32.add
        local.set $2
        local.get $4
        i32.const 16
        i32.add
        local.set $4
        local.get $5
        i32.const 1
        i32.sub
        local.tee $5
        br_if $do-loop|01
       end
      end
      local.get $9
      i32.const 3
      i32.and
      local.tee $5
      if
       loop $do-loop|12
        local.get $4
        local.get $2
        i32.load16_u
        i32.const 16
        i32.shl
        i32.store
        local.get $2
        i32.const 2
        i32.add
        local.set $2
        local.get $4
        i32.const 4
        i32.add
        local.set $4
        local.get $5
        i32.const 1
        i32.sub
        local.tee $5
        br_if $do-loop|12
       end
      end
     end
    end
    local.get $7
    if
     local.get $0
     i32.const 72
     i32.add
     local.get $0
     i32.load offset=72
     local.get $7
     i32.add
     i32.store
    end
   end
   local.get $6
   i32.const 512
   i32.and
   if
    local.get $6
    i32.const 4
    i32.and
    if
     local.get $0
     local.get $1
     local.get $9
     call $assembly/checks/checkGradients
    end
    local.get $0
    local.get $1
    local.get $9
    call $assembly/checks/checkStates
   end
   local.get $3
   i32.eqz
   if
    local.get $0
    i32.load offset=32
    i32.const 128
    i32.and
    if
     local.get $0
     i32.load offset=4
     local.get $1
     i32.const 2
     i32.shl
     i32.add
     i32.const 0
     local.get $9
     i32.const 2
     i32.shl
     memory.fill
     local.get $0
     i32.load offset=80
     local.tee $2
     if
      local.get $2
      local.get $1
      i32.const 1
      i32.shl
      i32.add
      i32.const 0
      local.get $9
      i32.const 1
      i32.shl
      memory.fill
     end
    end
   end
   local.get $8
   local.get $1
   local.get $9
   i32.add
   local.tee $1
   i32.gt_u
   br_if $do-loop|0
  end
 )
 (func $assembly/segment/updateBlock (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32)
  (local $4 i32)
  local.get $0
  f32.load offset=36
  f32.const 1
  f32.ne
  local.set $4
  local.get $3
  i32.const 516
  i32.and
  i32.const 512
  i32.eq
  if
   local.get $3
   i32.const 2
   i32.and
   if
    local.get $0
    local.get $1
    local.get $2
    call $assembly/segment/updateAmsgradChecked
   else
    local.get $4
    if
     local.get $0
     local.get $1
     local.get $2
     call $assembly/segment/updatePlainScaledChecked
    else
     local.get $0
     local.get $1
     local.get $2
     call $assembly/segment/updatePlainChecked
    end
   end
   return
  end
  local.get $3
  i32.const 2
  i32.and
  if
   local.get $3
   i32.const 4
   i32.and
   if
    local.get $0
    local.get $1
    local.get $2
    call $assembly/segment/updateAmsgradFlush
   else
    local.get $4
    if
     local.get $0
     local.get $1
     local.get $2
     call $assembly/segment/updateAmsgradScaled
    else
     local.get $0
     local.get $1
     local.get $2
     call $assembly/segment/updateAmsgrad
    end
   end
  else
   local.get $3
   i32.const 4
   i32.and
   if
    local.get $0
    local.get $1
    local.get $2
    call $assembly/segment/updatePlainFlush
   else
    local.get $4
    if
     local.get $0
     local.get $1
     local.get $2
     call $assembly/segment/updatePlainScaled
    else
     local.get $0
     local.get $1
     local.get $2
     call $assembly/segment/updatePlain
    end
   end
  end
 )
 (func $assembly/reduce/scanRange (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 i32)
  (local $8 i32)
  (local $9 i32)
  (local $10 i32)
  (local $11 i32)
  (local $12 f64)
  local.get $0
  i32.load offset=4
  local.set $11
  local.get $0
  i32.load offset=24
  local.set $8
  local.get $1
  local.get $2
  i32.add
  local.set $9
  i32.const 0
  local.set $2
  loop $while-continue|0
   local.get $1
   local.get $9
   i32.lt_u
   if
    local.get $11
    local.get $1
    i32.const 2
    i32.shl
    local.tee $5
    i32.add
    local.set $10
    i32.const 4096
    local.get $9
    local.get $1
    i32.sub
    local.tee $4
    local.get $4
    i32.const 4096
    i32.ge_u
    select
    local.set $7
    local.get $0
    i32.load offset=32
    local.tee $6
    i32.const 96
    i32.and
    if
     local.get $0
     i32.load offset=80
     local.get $1
     i32.const 1
     i32.shl
     i32.add
     local.set $4
     local.get $0
     i32.load offset=4
     local.get $5
     i32.add
     local.set $5
     local.get $6
     i32.const 32
     i32.and
     if
      local.get $4
      local.get $5
      local.get $7
      call $assembly/widen/widenFloat16
     else
      local.get $7
      i32.const 2
      i32.shr_u
      local.tee $6
      if
       loop $do-loop|0
        local.get $5
        local.get $4
        v128.load16x4_u align=2
        i32.const 16
        i32x4.shl
        v128.store
        local.get $4
        i32.const 8
        i32.add
        local.set $4
        local.get $5
        i32.const 16
        i32.add
        local.set $5
        local.get $6
        i32.const 1
        i32.sub
        local.tee $6
        br_if $do-loop|0
       end
      end
      local.get $7
      i32.const 3
      i32.and
      local.tee $6
      if
       loop $do-loop|1
        local.get $5
        local.get $4
        i32.load16_u
        i32.const 16
        i32.shl
        i32.store
        local.get $4
        i32.const 2
        i32.add
        local.set $4
        local.get $5
        i32.const 4
        i32.add
        local.set $5
        local.get $6
        i32.const 1
        i32.sub
        local.tee $6
        br_if $do-loop|1
       end
      end
     end
    end
    local.get $8
    if (result i32)
     local.get $3
     i32.const 0
     i32.const 64
     memory.fill
     local.get $10
     local.get $7
     i32.const 0
     local.get $3
     call $assembly/sums/addSquares
     local.get $8
     local.get $1
     i32.const 12
     i32.shr_u
     i32.const 3
     i32.shl
     i32.add
     local.get $3
     f64.load
     local.get $3
     f64.load offset=32
     f64.add
     local.get $3
     f64.load offset=16
     local.get $3
     f64.load offset=48
     f64.add
     f64.add
     local.get $3
     f64.load offset=8
     local.get $3
     f64.load offset=40
     f64.add
     local.get $3
     f64.load offset=24
     local.get $3
     f64.load offset=56
     f64.add
     f64.add
     f64.add
     local.tee $12
     f64.store
     local.get $2
     local.get $12
     f64.sqrt
     f64.const 1.0000009536743164
     f64.mul
     f32.demote_f64
     i32.reinterpret_f32
     i32.const 2147483647
     i32.and
     local.tee $4
     local.get $2
     local.get $4
     i32.gt_u
     select
    else
     local.get $2
     local.get $10
     local.get $7
     call $assembly/reduce/maxAbsBits
     local.tee $4
     local.get $2
     local.get $4
     i32.gt_u
     select
    end
    local.set $2
    local.get $1
    local.get $7
    i32.add
    local.set $1
    br $while-continue|0
   end
  end
  local.get $0
  i32.const 68
  i32.add
  i32.load
  local.get $2
  i32.lt_u
  if
   local.get $0
   local.get $2
   i32.store offset=68
  end
 )
 (func $assembly/reduce/maxAbsBits (param $0 i32) (param $1 i32) (result i32)
  (local $2 i32)
  (local $3 v128)
  (local $4 v128)
  (local $5 i32)
  (local $6 i32)
  local.get $1
  i32.const 4
  i32.shr_u
  local.tee $2
  if (result i32)
   loop $do-loop|0
    local.get $3
    local.get $0
    v128.load
    v128.const i32x4 0x7fffffff 0x7fffffff 0x7fffffff 0x7fffffff
    v128.and
    i32x4.max_u
    local.get $0
    v128.load offset=32
    v128.const i32x4 0x7fffffff 0x7fffffff 0x7fffffff 0x7fffffff
    v128.and
    i32x4.max_u
    local.set $3
    local.get $4
    local.get $0
    v128.load offset=16
    v128.const i32x4 0x7fffffff 0x7fffffff 0x7fffffff 0x7fffffff
    v128.and
    i32x4.max_u
    local.get $0
    v128.load offset=48
    v128.const i32x4 0x7fffffff 0x7fffffff 0x7fffffff 0x7fffffff
    v128.and
    i32x4.max_u
    local.set $4
    local.get $0
    i32.const -64
    i32.sub
    local.set $0
    local.get $2
    i32.const 1
    i32.sub
    local.tee $2
    br_if $do-loop|0
   end
   local.get $3
   local.get $4
   i32x4.max_u
   local.tee $3
   i32x4.extract_lane 0
   local.tee $2
   local.get $3
   i32x4.extract_lane 1
   local.tee $5
   local.get $2
   local.get $5
   i32.gt_u
   select
   local.tee $5
   local.get $3
   i32x4.extract_lane 2
   local.tee $2
   local.get $3
   i32x4.extract_lane 3
   local.tee $6
   local.get $2
   local.get $6
   i32.gt_u
   select
   local.tee $2
   local.get $2
   local.get $5
   i32.lt_u
   select
  else
   i32.const 0
  end
  local.set $2
  local.get $1
  i32.const 15
  i32.and
  local.tee $1
  if
   loop $do-loop|1
    local.get $2
    local.get $0
    i32.load
    i32.const 2147483647
    i32.and
    local.tee $5
    local.get $2
    local.get $5
    i32.gt_u
    select
    local.set $2
    local.get $0
    i32.const 4
    i32.add
    local.set $0
    local.get $1
    i32.const 1
    i32.sub
    local.tee $1
    br_if $do-loop|1
   end
  end
  local.get $2
 )
 (func $assembly/metrics/products (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32) (result f64)
  (local $4 i32)
  (local $5 i32)
  (local $6 v128)
  (local $7 v128)
  (local $8 v128)
  (local $9 v128)
  (local $10 i32)
  local.get $3
  i32.const 0
  i32.const 64
  memory.fill
  loop $while-continue|0
   local.get $2
   i32.const 0
   local.get $4
   select
   if
    local.get $3
    local.get $4
    i32.const 3
    i32.shl
    i32.add
    local.tee $10
    local.get $10
    f64.load
    local.get $0
    f32.load
    f64.promote_f32
    local.get $1
    f32.load
    f64.promote_f32
    f64.mul
    f64.add
    f64.store
    local.get $0
    i32.const 4
    i32.add
    local.set $0
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $2
    i32.const 1
    i32.sub
    local.set $2
    local.get $4
    i32.const 1
    i32.add
    i32.const 7
    i32.and
    local.set $4
    br $while-continue|0
   end
  end
  local.get $2
  i32.const 3
  i32.shr_u
  local.tee $4
  if
   local.get $3
   v128.load
   local.set $6
   local.get $3
   v128.load offset=16
   local.set $7
   local.get $3
   v128.load offset=32
   local.set $8
   local.get $3
   v128.load offset=48
   local.set $9
   loop $do-loop|1
    local.get $6
    local.get $0
    v128.load64_zero
    f64x2.promote_low_f32x4
    local.get $1
    v128.load64_zero
    f64x2.promote_low_f32x4
    f64x2.mul
    f64x2.add
    local.set $6
    local.get $7
    local.get $0
    v128.load64_zero offset=8
    f64x2.promote_low_f32x4
    local.get $1
    v128.load64_zero offset=8
    f64x2.promote_low_f32x4
    f64x2.mul
    f64x2.add
    local.set $7
    local.get $8
    local.get $0
    v128.load64_zero offset=16
    f64x2.promote_low_f32x4
    local.get $1
    v128.load64_zero offset=16
    f64x2.promote_low_f32x4
    f64x2.mul
    f64x2.add
    local.set $8
    local.get $9
    local.get $0
    v128.load64_zero offset=24
    f64x2.promote_low_f32x4
    local.get $1
    v128.load64_zero offset=24
    f64x2.promote_low_f32x4
    f64x2.mul
    f64x2.add
    local.set $9
    local.get $0
    i32.const 32
    i32.add
    local.set $0
    local.get $1
    i32.const 32
    i32.add
    local.set $1
    local.get $4
    i32.const 1
    i32.sub
    local.tee $4
    br_if $do-loop|1
   end
   local.get $3
   local.get $6
   v128.store
   local.get $3
   local.get $7
   v128.store offset=16
   local.get $3
   local.get $8
   v128.store offset=32
   local.get $3
   local.get $9
   v128.store offset=48
  end
  local.get $2
  i32.const 7
  i32.and
  local.set $2
  loop $while-continue|2
   local.get $2
   local.tee $4
   i32.const 1
   i32.sub
   local.set $2
   local.get $4
   if
    local.get $3
    local.get $5
    i32.const 3
    i32.shl
    i32.add
    local.tee $4
    local.get $4
    f64.load
    local.get $0
    f32.load
    f64.promote_f32
    local.get $1
    f32.load
    f64.promote_f32
    f64.mul
    f64.add
    f64.store
    local.get $0
    i32.const 4
    i32.add
    local.set $0
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $5
    i32.const 1
    i32.add
    i32.const 7
    i32.and
    local.set $5
    br $while-continue|2
   end
  end
  local.get $3
  f64.load
  local.get $3
  f64.load offset=32
  f64.add
  local.get $3
  f64.load offset=16
  local.get $3
  f64.load offset=48
  f64.add
  f64.add
  local.get $3
  f64.load offset=8
  local.get $3
  f64.load offset=40
  f64.add
  local.get $3
  f64.load offset=24
  local.get $3
  f64.load offset=56
  f64.add
  f64.add
  f64.add
 )
 (func $assembly/half/narrowFloat16 (param $0 i32) (param $1 i32) (param $2 i32) (result i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 v128)
  (local $7 v128)
  (local $8 v128)
  (local $9 v128)
  (local $10 v128)
  (local $11 v128)
  (local $12 v128)
  (local $13 i32)
  (local $14 i32)
  (local $15 i32)
  local.get $0
  local.tee $3
  local.set $4
  local.get $1
  local.set $0
  block $assembly/half/narrow|inlined.0
   local.get $2
   i32.const 3
   i32.shr_u
   local.tee $5
   if
    loop $do-loop|0
     local.get $4
     v128.load
     local.tee $11
     v128.const i32x4 0x7fffffff 0x7fffffff 0x7fffffff 0x7fffffff
     v128.and
     local.tee $9
     v128.const i32x4 0x7f800000 0x7f800000 0x7f800000 0x7f800000
     v128.and
     v128.const i32x4 0x38800000 0x38800000 0x38800000 0x38800000
     i32x4.max_u
     local.set $7
     local.get $4
     v128.load offset=16
     local.tee $12
     v128.const i32x4 0x7fffffff 0x7fffffff 0x7fffffff 0x7fffffff
     v128.and
     local.tee $10
     v128.const i32x4 0x7f800000 0x7f800000 0x7f800000 0x7f800000
     v128.and
     v128.const i32x4 0x38800000 0x38800000 0x38800000 0x38800000
     i32x4.max_u
     local.set $8
     local.get $0
     local.get $11
     i32.const 16
     i32x4.shr_s
     local.get $12
     i32.const 16
     i32x4.shr_s
     i16x8.narrow_i32x4_s
     v128.const i32x4 0x80008000 0x80008000 0x80008000 0x80008000
     v128.and
     local.get $9
     local.get $7
     v128.const i32x4 0x06800000 0x06800000 0x06800000 0x06800000
     i32x4.add
     f32x4.add
     local.get $7
     i32.const 13
     i32x4.shr_u
     i32x4.add
     local.get $7
     i32x4.sub
     v128.const i32x4 0x0681c400 0x0681c400 0x0681c400 0x0681c400
     i32x4.sub
     local.get $10
     local.get $8
     v128.const i32x4 0x06800000 0x06800000 0x06800000 0x06800000
     i32x4.add
     f32x4.add
     local.get $8
     i32.const 13
     i32x4.shr_u
     i32x4.add
     local.get $8
     i32x4.sub
     v128.const i32x4 0x0681c400 0x0681c400 0x0681c400 0x0681c400
     i32x4.sub
     i16x8.narrow_i32x4_s
     v128.or
     v128.store
     local.get $6
     local.get $9
     i32x4.max_u
     local.get $10
     i32x4.max_u
     local.set $6
     local.get $4
     i32.const 32
     i32.add
     local.set $4
     local.get $0
     i32.const 16
     i32.add
     local.set $0
     local.get $5
     i32.const 1
     i32.sub
     local.tee $5
     br_if $do-loop|0
    end
    local.get $6
    i32x4.extract_lane 0
    local.tee $5
    local.get $6
    i32x4.extract_lane 1
    local.tee $13
    local.get $5
    local.get $13
    i32.gt_u
    select
    local.tee $5
    local.get $6
    i32x4.extract_lane 2
    local.tee $13
    local.get $6
    i32x4.extract_lane 3
    local.tee $14
    local.get $13
    local.get $14
    i32.gt_u
    select
    local.tee $13
    local.get $5
    local.get $13
    i32.gt_u
    select
    i32.const 1199566848
    i32.ge_u
    if
     i32.const 0
     local.set $4
     loop $while-continue|1
      local.get $2
      if
       local.get $3
       i32.load
       local.tee $0
       i32.const 2147483647
       i32.and
       local.set $5
       local.get $1
       block $assembly/half/float16Of1|inlined.0 (result i32)
        local.get $0
        i32.const 16
        i32.shr_u
        i32.const 32768
        i32.and
        local.tee $0
        i32.const 32256
        i32.or
        local.get $5
        i32.const 2139095040
        i32.gt_u
        br_if $assembly/half/float16Of1|inlined.0
        drop
        i32.const 947912704
        i32.const 1199570944
        local.get $5
        local.get $5
        i32.const 1199570944
        i32.ge_u
        select
        local.tee $13
        i32.const 2139095040
        i32.and
        local.tee $14
        local.get $14
        i32.const 947912704
        i32.le_u
        select
        local.tee $14
        i32.const 109051904
        i32.add
        local.set $15
        local.get $0
        local.get $13
        f32.reinterpret_i32
        local.get $15
        f32.reinterpret_i32
        f32.add
        i32.reinterpret_f32
        local.get $15
        i32.sub
        local.get $14
        i32.const 947912704
        i32.sub
        i32.const 13
        i32.shr_u
        i32.add
        i32.or
       end
       i32.store16
       local.get $4
       local.get $5
       i32.const 2139095040
       i32.lt_u
       local.get $5
       i32.const 1199566848
       i32.ge_u
       i32.and
       i32.add
       local.set $4
       local.get $3
       i32.const 4
       i32.add
       local.set $3
       local.get $1
       i32.const 2
       i32.add
       local.set $1
       local.get $2
       i32.const 1
       i32.sub
       local.set $2
       br $while-continue|1
      end
     end
     local.get $4
     local.set $3
     br $assembly/half/narrow|inlined.0
    end
   end
   local.get $2
   i32.const 7
   i32.and
   local.set $2
   i32.const 0
   local.set $3
   loop $while-continue|2
    local.get $2
    if
     local.get $4
     i32.load
     local.tee $1
     i32.const 2147483647
     i32.and
     local.set $5
     local.get $0
     block $assembly/half/float16Of1|inlined.1 (result i32)
      local.get $1
      i32.const 16
      i32.shr_u
      i32.const 32768
      i32.and
      local.tee $1
      i32.const 32256
      i32.or
      local.get $5
      i32.const 2139095040
      i32.gt_u
      br_if $assembly/half/float16Of1|inlined.1
      drop
      i32.const 947912704
      i32.const 1199570944
      local.get $5
      local.get $5
      i32.const 1199570944
      i32.ge_u
      select
      local.tee $13
      i32.const 2139095040
      i32.and
      local.tee $14
      local.get $14
      i32.const 947912704
      i32.le_u
      select
      local.tee $14
      i32.const 109051904
      i32.add
      local.set $15
      local.get $1
      local.get $13
      f32.reinterpret_i32
      local.get $15
      f32.reinterpret_i32
      f32.add
      i32.reinterpret_f32
      local.get $15
      i32.sub
      local.get $14
      i32.const 947912704
      i32.sub
      i32.const 13
      i32.shr_u
      i32.add
      i32.or
     end
     i32.store16
     local.get $3
     local.get $5
     i32.const 2139095040
     i32.lt_u
     local.get $5
     i32.const 1199566848
     i32.ge_u
     i32.and
     i32.add
     local.set $3
     local.get $4
     i32.const 4
     i32.add
     local.set $4
     local.get $0
     i32.const 2
     i32.add
     local.set $0
     local.get $2
     i32.const 1
     i32.sub
     local.set $2
     br $while-continue|2
    end
   end
  end
  local.get $3
 )
 (func $assembly/half/narrowBfloat16 (param $0 i32) (param $1 i32) (param $2 i32) (result i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 v128)
  (local $7 v128)
  (local $8 v128)
  (local $9 i32)
  (local $10 i32)
  local.get $0
  local.tee $3
  local.set $4
  local.get $1
  local.set $0
  block $assembly/half/narrow|inlined.1
   local.get $2
   i32.const 3
   i32.shr_u
   local.tee $5
   if
    loop $do-loop|0
     local.get $0
     local.get $4
     v128.load
     local.tee $7
     v128.const i32x4 0x00007fff 0x00007fff 0x00007fff 0x00007fff
     i32x4.add
     local.get $7
     i32.const 16
     i32x4.shr_u
     v128.const i32x4 0x00000001 0x00000001 0x00000001 0x00000001
     v128.and
     i32x4.add
     i32.const 16
     i32x4.shr_s
     local.get $4
     v128.load offset=16
     local.tee $8
     v128.const i32x4 0x00007fff 0x00007fff 0x00007fff 0x00007fff
     i32x4.add
     local.get $8
     i32.const 16
     i32x4.shr_u
     v128.const i32x4 0x00000001 0x00000001 0x00000001 0x00000001
     v128.and
     i32x4.add
     i32.const 16
     i32x4.shr_s
     i16x8.narrow_i32x4_s
     v128.store
     local.get $6
     local.get $7
     v128.const i32x4 0x7fffffff 0x7fffffff 0x7fffffff 0x7fffffff
     v128.and
     i32x4.max_u
     local.get $8
     v128.const i32x4 0x7fffffff 0x7fffffff 0x7fffffff 0x7fffffff
     v128.and
     i32x4.max_u
     local.set $6
     local.get $4
     i32.const 32
     i32.add
     local.set $4
     local.get $0
     i32.const 16
     i32.add
     local.set $0
     local.get $5
     i32.const 1
     i32.sub
     local.tee $5
     br_if $do-loop|0
    end
    local.get $6
    i32x4.extract_lane 0
    local.tee $5
    local.get $6
    i32x4.extract_lane 1
    local.tee $9
    local.get $5
    local.get $9
    i32.gt_u
    select
    local.tee $9
    local.get $6
    i32x4.extract_lane 2
    local.tee $5
    local.get $6
    i32x4.extract_lane 3
    local.tee $10
    local.get $5
    local.get $10
    i32.gt_u
    select
    local.tee $5
    local.get $5
    local.get $9
    i32.lt_u
    select
    i32.const 2139062272
    i32.ge_u
    if
     i32.const 0
     local.set $4
     loop $while-continue|1
      local.get $2
      if
       local.get $1
       local.get $3
       i32.load
       local.tee $0
       i32.const 2147483647
       i32.and
       local.tee $5
       i32.const 2139095040
       i32.gt_u
       if (result i32)
        local.get $0
        i32.const 16
        i32.shr_u
        i32.const 64
        i32.or
       else
        local.get $0
        i32.const 32767
        i32.add
        local.get $0
        i32.const 16
        i32.shr_u
        i32.const 1
        i32.and
        i32.add
        i32.const 16
        i32.shr_u
       end
       i32.store16
       local.get $4
       local.get $5
       i32.const 2139095040
       i32.lt_u
       local.get $5
       i32.const 2139062272
       i32.ge_u
       i32.and
       i32.add
       local.set $4
       local.get $3
       i32.const 4
       i32.add
       local.set $3
       local.get $1
       i32.const 2
       i32.add
       local.set $1
       local.get $2
       i32.const 1
       i32.sub
       local.set $2
       br $while-continue|1
      end
     end
     local.get $4
     local.set $3
     br $assembly/half/narrow|inlined.1
    end
   end
   local.get $2
   i32.const 7
   i32.and
   local.set $2
   i32.const 0
   local.set $3
   loop $while-continue|2
    local.get $2
    if
     local.get $0
     local.get $4
     i32.load
     local.tee $1
     i32.const 2147483647
     i32.and
     local.tee $5
     i32.const 2139095040
     i32.gt_u
     if (result i32)
      local.get $1
      i32.const 16
      i32.shr_u
      i32.const 64
      i32.or
     else
      local.get $1
      i32.const 32767
      i32.add
      local.get $1
      i32.const 16
      i32.shr_u
      i32.const 1
      i32.and
      i32.add
      i32.const 16
      i32.shr_u
     end
     i32.store16
     local.get $3
     local.get $5
     i32.const 2139095040
     i32.lt_u
     local.get $5
     i32.const 2139062272
     i32.ge_u
     i32.and
     i32.add
     local.set $3
     local.get $4
     i32.const 4
     i32.add
     local.set $4
     local.get $0
     i32.const 2
     i32.add
     local.set $0
     local.get $2
     i32.const 1
     i32.sub
     local.set $2
     br $while-continue|2
    end
   end
  end
  local.get $3
 )
 (func $assembly/checks/checkStates (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 v128)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 i32)
  (local $8 i32)
  (local $9 v128)
  (local $10 v128)
  (local $11 v128)
  (local $12 v128)
  (local $13 v128)
  (local $14 i32)
  (local $15 i32)
  local.get $0
  i32.load offset=88
  local.get $1
  i32.const 12
  i32.shr_u
  i32.add
  local.get $0
  i32.load offset=92
  i32.rem_u
  if
   return
  end
  local.get $1
  i32.const 2
  i32.shl
  local.tee $4
  local.get $0
  i32.load
  i32.add
  local.set $5
  local.get $0
  i32.load offset=8
  local.get $4
  i32.add
  local.set $6
  local.get $0
  i32.load offset=12
  local.get $4
  i32.add
  local.set $7
  local.get $0
  i32.load offset=16
  local.get $4
  i32.add
  local.set $4
  local.get $0
  i32.load offset=84
  local.get $1
  i32.const 12
  i32.shr_u
  i32.const 6
  i32.shl
  i32.add
  i32.const 32
  i32.add
  local.set $1
  local.get $0
  i32.load offset=32
  i32.const 2
  i32.and
  i32.const 0
  i32.ne
  local.set $8
  local.get $2
  i32.const 2
  i32.shr_u
  local.tee $0
  if
   local.get $1
   v128.load
   local.set $3
   local.get $1
   v128.load offset=16
   local.set $9
   local.get $2
   i32.const 31
   i32.shr_u
   local.tee $14
   i32.const 2143911885
   i32.xor
   i32x4.splat
   local.set $10
   local.get $14
   i32.const 2142601155
   i32.xor
   i32x4.splat
   local.set $11
   local.get $14
   i32.const 2139979695
   i32.xor
   i32x4.splat
   local.set $12
   local.get $14
   i32.const 2138668935
   i32.xor
   i32x4.splat
   local.set $13
   loop $do-loop|0
    local.get $3
    local.get $5
    v128.load
    local.get $10
    i32x4.dot_i16x8_s
    i32x4.add
    local.get $6
    v128.load
    local.get $11
    i32x4.dot_i16x8_s
    local.get $7
    v128.load
    local.get $12
    i32x4.dot_i16x8_s
    i32x4.add
    i32x4.add
    local.set $3
    local.get $8
    if
     local.get $3
     local.get $4
     v128.load
     local.get $13
     i32x4.dot_i16x8_s
     i32x4.add
     local.set $3
    end
    local.get $9
    local.get $3
    i32x4.add
    local.set $9
    local.get $5
    i32.const 16
    i32.add
    local.set $5
    local.get $6
    i32.const 16
    i32.add
    local.set $6
    local.get $7
    i32.const 16
    i32.add
    local.set $7
    local.get $4
    i32.const 16
    i32.add
    local.get $4
    local.get $8
    select
    local.set $4
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|0
   end
   local.get $1
   local.get $3
   v128.store
   local.get $1
   local.get $9
   v128.store offset=16
  end
  local.get $2
  i32.const -4
  i32.and
  local.set $0
  loop $for-loop|1
   local.get $0
   local.get $2
   i32.lt_u
   if
    local.get $7
    i32.load
    local.tee $14
    i32.extend16_s
    i32.const 32687
    i32.mul
    local.get $14
    i32.const 16
    i32.shr_s
    i32.const 32653
    i32.mul
    i32.add
    local.get $5
    i32.load
    local.tee $14
    i32.extend16_s
    i32.const 32717
    i32.mul
    local.get $14
    i32.const 16
    i32.shr_s
    i32.const 32713
    i32.mul
    i32.add
    local.get $6
    i32.load
    local.tee $14
    i32.extend16_s
    i32.const 32707
    i32.mul
    local.get $14
    i32.const 16
    i32.shr_s
    i32.const 32693
    i32.mul
    i32.add
    i32.add
    i32.add
    local.set $14
    local.get $8
    if (result i32)
     local.get $14
     local.get $4
     i32.load
     local.tee $14
     i32.extend16_s
     i32.const 32647
     i32.mul
     local.get $14
     i32.const 16
     i32.shr_s
     i32.const 32633
     i32.mul
     i32.add
     i32.add
    else
     local.get $14
    end
    local.get $1
    local.get $0
    i32.const 3
    i32.and
    i32.const 2
    i32.shl
    i32.add
    local.tee $15
    i32.load
    i32.add
    local.set $14
    local.get $15
    local.get $14
    i32.store
    local.get $15
    local.get $15
    i32.load offset=16
    local.get $14
    i32.add
    i32.store offset=16
    local.get $5
    i32.const 4
    i32.add
    local.set $5
    local.get $6
    i32.const 4
    i32.add
    local.set $6
    local.get $7
    i32.const 4
    i32.add
    local.set $7
    local.get $4
    i32.const 4
    i32.add
    local.get $4
    local.get $8
    select
    local.set $4
    local.get $0
    i32.const 1
    i32.add
    local.set $0
    br $for-loop|1
   end
  end
 )
 (func $assembly/checks/checkGradients (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 v128)
  (local $5 v128)
  (local $6 i32)
  (local $7 v128)
  (local $8 i32)
  local.get $0
  i32.load offset=84
  local.get $1
  i32.const 12
  i32.shr_u
  i32.const 6
  i32.shl
  i32.add
  local.set $3
  local.get $0
  i32.load offset=4
  local.get $1
  i32.const 2
  i32.shl
  i32.add
  local.set $0
  local.get $2
  i32.const 2
  i32.shr_u
  local.tee $1
  if
   local.get $3
   v128.load
   local.set $4
   local.get $3
   v128.load offset=16
   local.set $5
   local.get $2
   i32.const 31
   i32.shr_u
   i32.const 2144305133
   i32.xor
   i32x4.splat
   local.set $7
   loop $do-loop|0
    local.get $5
    local.get $4
    local.get $0
    v128.load
    local.get $7
    i32x4.dot_i16x8_s
    i32x4.add
    local.tee $4
    i32x4.add
    local.set $5
    local.get $0
    i32.const 16
    i32.add
    local.set $0
    local.get $1
    i32.const 1
    i32.sub
    local.tee $1
    br_if $do-loop|0
   end
   local.get $3
   local.get $4
   v128.store
   local.get $3
   local.get $5
   v128.store offset=16
  end
  local.get $2
  i32.const -4
  i32.and
  local.set $1
  loop $for-loop|1
   local.get $1
   local.get $2
   i32.lt_u
   if
    local.get $3
    local.get $1
    i32.const 3
    i32.and
    i32.const 2
    i32.shl
    i32.add
    local.tee $6
    i32.load
    local.get $0
    i32.load
    local.tee $8
    i32.extend16_s
    i32.const 32749
    i32.mul
    local.get $8
    i32.const 16
    i32.shr_s
    i32.const 32719
    i32.mul
    i32.add
    i32.add
    local.set $8
    local.get $6
    local.get $8
    i32.store
    local.get $6
    local.get $6
    i32.load offset=16
    local.get $8
    i32.add
    i32.store offset=16
    local.get $0
    i32.const 4
    i32.add
    local.set $0
    local.get $1
    i32.const 1
    i32.add
    local.set $1
    br $for-loop|1
   end
  end
 )
 (func $assembly/widen/widenBfloat16 (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  local.get $2
  i32.const 2
  i32.shr_u
  local.tee $3
  if
   loop $do-loop|0
    local.get $1
    local.get $0
    v128.load16x4_u align=2
    i32.const 16
    i32x4.shl
    v128.store
    local.get $0
    i32.const 8
    i32.add
    local.set $0
    local.get $1
    i32.const 16
    i32.add
    local.set $1
    local.get $3
    i32.const 1
    i32.sub
    local.tee $3
    br_if $do-loop|0
   end
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $2
  if
   loop $do-loop|1
    local.get $1
    local.get $0
    i32.load16_u
    i32.const 16
    i32.shl
    i32.store
    local.get $0
    i32.const 2
    i32.add
    local.set $0
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $2
    i32.const 1
    i32.sub
    local.tee $2
    br_if $do-loop|1
   end
  end
 )
 (func $assembly/segment/updatePlainScaledChecked (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 v128)
  (local $8 i32)
  (local $9 f32)
  (local $10 v128)
  (local $11 f32)
  (local $12 v128)
  (local $13 f32)
  (local $14 v128)
  (local $15 f32)
  (local $16 v128)
  (local $17 f32)
  (local $18 v128)
  (local $19 f32)
  (local $20 v128)
  (local $21 f32)
  (local $22 v128)
  (local $23 f32)
  (local $24 v128)
  (local $25 f32)
  (local $26 v128)
  (local $27 v128)
  (local $28 v128)
  (local $29 f32)
  (local $30 v128)
  (local $31 v128)
  (local $32 i32)
  (local $33 f32)
  local.get $1
  i32.const 2
  i32.shl
  local.tee $3
  local.get $0
  i32.load
  i32.add
  local.set $4
  local.get $0
  i32.load offset=4
  local.get $3
  i32.add
  local.set $6
  local.get $0
  i32.load offset=8
  local.get $3
  i32.add
  local.set $5
  local.get $0
  i32.load offset=12
  local.get $3
  i32.add
  local.set $3
  local.get $0
  i32.load offset=84
  local.get $1
  i32.const 12
  i32.shr_u
  i32.const 6
  i32.shl
  i32.add
  local.set $8
  local.get $0
  f32.load offset=36
  local.tee $11
  f32x4.splat
  local.set $12
  local.get $0
  f32.load offset=40
  local.tee $13
  f32x4.splat
  local.set $14
  local.get $0
  f32.load offset=44
  local.tee $15
  f32x4.splat
  local.set $16
  local.get $0
  f32.load offset=48
  local.tee $17
  f32x4.splat
  local.set $18
  local.get $0
  f32.load offset=52
  local.tee $19
  f32x4.splat
  local.set $20
  local.get $0
  f32.load offset=56
  local.tee $21
  f32x4.splat
  local.set $22
  local.get $0
  f32.load offset=60
  local.tee $23
  f32x4.splat
  local.set $24
  local.get $0
  f32.load offset=64
  local.tee $25
  f32x4.splat
  local.set $26
  local.get $2
  i32.const 2
  i32.shr_u
  local.tee $0
  if
   local.get $8
   v128.load
   local.set $7
   local.get $8
   v128.load offset=16
   local.set $10
   local.get $2
   i32.const 31
   i32.shr_u
   i32.const 2144305133
   i32.xor
   i32x4.splat
   local.set $27
   loop $do-loop|0
    local.get $10
    local.get $7
    local.get $6
    v128.load
    local.tee $28
    local.get $27
    i32x4.dot_i16x8_s
    i32x4.add
    local.tee $7
    i32x4.add
    local.set $10
    local.get $5
    v128.load
    local.get $14
    f32x4.mul
    local.get $28
    local.get $12
    f32x4.mul
    local.tee $28
    local.get $16
    f32x4.mul
    f32x4.add
    local.set $30
    local.get $3
    v128.load
    local.get $18
    f32x4.mul
    local.get $28
    local.get $20
    f32x4.mul
    local.get $28
    f32x4.mul
    f32x4.add
    local.set $28
    local.get $5
    local.get $30
    v128.store
    local.get $3
    local.get $28
    v128.store
    local.get $4
    local.get $4
    v128.load
    local.tee $31
    local.get $31
    local.get $22
    f32x4.mul
    local.get $30
    local.get $24
    f32x4.mul
    local.get $28
    f32x4.sqrt
    local.get $26
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $4
    i32.const 16
    i32.add
    local.set $4
    local.get $6
    i32.const 16
    i32.add
    local.set $6
    local.get $5
    i32.const 16
    i32.add
    local.set $5
    local.get $3
    i32.const 16
    i32.add
    local.set $3
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|0
   end
   local.get $8
   local.get $7
   v128.store
   local.get $8
   local.get $10
   v128.store offset=16
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $2
  if
   i32.const 0
   local.set $0
   loop $do-loop|3
    local.get $0
    local.tee $1
    i32.const 1
    i32.add
    local.set $0
    local.get $8
    local.get $1
    i32.const 3
    i32.and
    i32.const 2
    i32.shl
    i32.add
    local.tee $1
    i32.load
    local.get $6
    i32.load
    local.tee $32
    i32.extend16_s
    i32.const 32749
    i32.mul
    local.get $32
    i32.const 16
    i32.shr_s
    i32.const 32719
    i32.mul
    i32.add
    i32.add
    local.set $32
    local.get $1
    local.get $32
    i32.store
    local.get $1
    local.get $1
    i32.load offset=16
    local.get $32
    i32.add
    i32.store offset=16
    local.get $5
    f32.load
    local.get $13
    f32.mul
    local.get $6
    f32.load
    local.get $11
    f32.mul
    local.tee $29
    local.get $15
    f32.mul
    f32.add
    local.set $9
    local.get $3
    f32.load
    local.get $17
    f32.mul
    local.get $29
    local.get $19
    f32.mul
    local.get $29
    f32.mul
    f32.add
    local.set $29
    local.get $5
    local.get $9
    f32.store
    local.get $3
    local.get $29
    f32.store
    local.get $4
    local.get $4
    f32.load
    local.tee $33
    local.get $33
    local.get $21
    f32.mul
    local.get $9
    local.get $23
    f32.mul
    local.get $29
    f32.sqrt
    local.get $25
    f32.add
    f32.div
    f32.add
    f32.sub
    f32.store
    local.get $4
    i32.const 4
    i32.add
    local.set $4
    local.get $6
    i32.const 4
    i32.add
    local.set $6
    local.get $5
    i32.const 4
    i32.add
    local.set $5
    local.get $3
    i32.const 4
    i32.add
    local.set $3
    local.get $2
    i32.const 1
    i32.sub
    local.tee $2
    br_if $do-loop|3
   end
  end
 )
 (func $assembly/segment/updatePlainScaled (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 v128)
  (local $6 i32)
  (local $7 v128)
  (local $8 v128)
  (local $9 v128)
  (local $10 v128)
  (local $11 v128)
  (local $12 v128)
  (local $13 v128)
  (local $14 f32)
  (local $15 f32)
  (local $16 f32)
  (local $17 f32)
  (local $18 f32)
  (local $19 f32)
  (local $20 f32)
  (local $21 f32)
  (local $22 f32)
  (local $23 f32)
  (local $24 v128)
  (local $25 v128)
  (local $26 v128)
  (local $27 f32)
  local.get $1
  i32.const 2
  i32.shl
  local.tee $4
  local.get $0
  i32.load
  i32.add
  local.set $1
  local.get $0
  i32.load offset=4
  local.get $4
  i32.add
  local.set $6
  local.get $0
  i32.load offset=8
  local.get $4
  i32.add
  local.set $3
  local.get $0
  i32.load offset=12
  local.get $4
  i32.add
  local.set $4
  local.get $0
  f32.load offset=36
  local.tee $15
  f32x4.splat
  local.set $5
  local.get $0
  f32.load offset=40
  local.tee $16
  f32x4.splat
  local.set $7
  local.get $0
  f32.load offset=44
  local.tee $17
  f32x4.splat
  local.set $8
  local.get $0
  f32.load offset=48
  local.tee $18
  f32x4.splat
  local.set $9
  local.get $0
  f32.load offset=52
  local.tee $19
  f32x4.splat
  local.set $10
  local.get $0
  f32.load offset=56
  local.tee $20
  f32x4.splat
  local.set $11
  local.get $0
  f32.load offset=60
  local.tee $21
  f32x4.splat
  local.set $12
  local.get $0
  f32.load offset=64
  local.tee $22
  f32x4.splat
  local.set $13
  local.get $2
  i32.const 4
  i32.shr_u
  local.tee $0
  if
   loop $do-loop|1
    local.get $3
    v128.load
    local.get $7
    f32x4.mul
    local.get $6
    v128.load
    local.get $5
    f32x4.mul
    local.tee $24
    local.get $8
    f32x4.mul
    f32x4.add
    local.set $25
    local.get $4
    v128.load
    local.get $9
    f32x4.mul
    local.get $24
    local.get $10
    f32x4.mul
    local.get $24
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $3
    local.get $25
    v128.store
    local.get $4
    local.get $24
    v128.store
    local.get $1
    local.get $1
    v128.load
    local.tee $26
    local.get $26
    local.get $11
    f32x4.mul
    local.get $25
    local.get $12
    f32x4.mul
    local.get $24
    f32x4.sqrt
    local.get $13
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $3
    i32.const 16
    i32.add
    v128.load
    local.get $7
    f32x4.mul
    local.get $6
    v128.load offset=16
    local.get $5
    f32x4.mul
    local.tee $24
    local.get $8
    f32x4.mul
    f32x4.add
    local.set $25
    local.get $4
    i32.const 16
    i32.add
    v128.load
    local.get $9
    f32x4.mul
    local.get $24
    local.get $10
    f32x4.mul
    local.get $24
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $3
    local.get $25
    v128.store offset=16
    local.get $4
    local.get $24
    v128.store offset=16
    local.get $1
    local.get $1
    i32.const 16
    i32.add
    v128.load
    local.tee $26
    local.get $26
    local.get $11
    f32x4.mul
    local.get $25
    local.get $12
    f32x4.mul
    local.get $24
    f32x4.sqrt
    local.get $13
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=16
    local.get $3
    i32.const 32
    i32.add
    v128.load
    local.get $7
    f32x4.mul
    local.get $6
    v128.load offset=32
    local.get $5
    f32x4.mul
    local.tee $24
    local.get $8
    f32x4.mul
    f32x4.add
    local.set $25
    local.get $4
    i32.const 32
    i32.add
    v128.load
    local.get $9
    f32x4.mul
    local.get $24
    local.get $10
    f32x4.mul
    local.get $24
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $3
    local.get $25
    v128.store offset=32
    local.get $4
    local.get $24
    v128.store offset=32
    local.get $1
    local.get $1
    i32.const 32
    i32.add
    v128.load
    local.tee $26
    local.get $26
    local.get $11
    f32x4.mul
    local.get $25
    local.get $12
    f32x4.mul
    local.get $24
    f32x4.sqrt
    local.get $13
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=32
    local.get $3
    i32.const 48
    i32.add
    v128.load
    local.get $7
    f32x4.mul
    local.get $6
    v128.load offset=48
    local.get $5
    f32x4.mul
    local.tee $24
    local.get $8
    f32x4.mul
    f32x4.add
    local.set $25
    local.get $4
    i32.const 48
    i32.add
    v128.load
    local.get $9
    f32x4.mul
    local.get $24
    local.get $10
    f32x4.mul
    local.get $24
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $3
    local.get $25
    v128.store offset=48
    local.get $4
    local.get $24
    v128.store offset=48
    local.get $1
    local.get $1
    i32.const 48
    i32.add
    v128.load
    local.tee $26
    local.get $26
    local.get $11
    f32x4.mul
    local.get $25
    local.get $12
    f32x4.mul
    local.get $24
    f32x4.sqrt
    local.get $13
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=48
    local.get $1
    i32.const -64
    i32.sub
    local.set $1
    local.get $6
    i32.const -64
    i32.sub
    local.set $6
    local.get $3
    i32.const -64
    i32.sub
    local.set $3
    local.get $4
    i32.const -64
    i32.sub
    local.set $4
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|1
   end
  end
  local.get $2
  i32.const 2
  i32.shr_u
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|2
    local.get $3
    v128.load
    local.get $7
    f32x4.mul
    local.get $6
    v128.load
    local.get $5
    f32x4.mul
    local.tee $24
    local.get $8
    f32x4.mul
    f32x4.add
    local.set $25
    local.get $4
    v128.load
    local.get $9
    f32x4.mul
    local.get $24
    local.get $10
    f32x4.mul
    local.get $24
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $3
    local.get $25
    v128.store
    local.get $4
    local.get $24
    v128.store
    local.get $1
    local.get $1
    v128.load
    local.tee $26
    local.get $26
    local.get $11
    f32x4.mul
    local.get $25
    local.get $12
    f32x4.mul
    local.get $24
    f32x4.sqrt
    local.get $13
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $1
    i32.const 16
    i32.add
    local.set $1
    local.get $6
    i32.const 16
    i32.add
    local.set $6
    local.get $3
    i32.const 16
    i32.add
    local.set $3
    local.get $4
    i32.const 16
    i32.add
    local.set $4
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|2
   end
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|3
    local.get $3
    f32.load
    local.get $16
    f32.mul
    local.get $6
    f32.load
    local.get $15
    f32.mul
    local.tee $23
    local.get $17
    f32.mul
    f32.add
    local.set $14
    local.get $4
    f32.load
    local.get $18
    f32.mul
    local.get $23
    local.get $19
    f32.mul
    local.get $23
    f32.mul
    f32.add
    local.set $23
    local.get $3
    local.get $14
    f32.store
    local.get $4
    local.get $23
    f32.store
    local.get $1
    local.get $1
    f32.load
    local.tee $27
    local.get $27
    local.get $20
    f32.mul
    local.get $14
    local.get $21
    f32.mul
    local.get $23
    f32.sqrt
    local.get $22
    f32.add
    f32.div
    f32.add
    f32.sub
    f32.store
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $6
    i32.const 4
    i32.add
    local.set $6
    local.get $3
    i32.const 4
    i32.add
    local.set $3
    local.get $4
    i32.const 4
    i32.add
    local.set $4
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|3
   end
  end
 )
 (func $assembly/segment/updatePlainFlush (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 v128)
  (local $6 i32)
  (local $7 f32)
  (local $8 v128)
  (local $9 v128)
  (local $10 v128)
  (local $11 v128)
  (local $12 v128)
  (local $13 v128)
  (local $14 v128)
  (local $15 f32)
  (local $16 f32)
  (local $17 f32)
  (local $18 f32)
  (local $19 f32)
  (local $20 f32)
  (local $21 f32)
  (local $22 f32)
  (local $23 v128)
  (local $24 v128)
  (local $25 v128)
  (local $26 f32)
  (local $27 f32)
  local.get $1
  i32.const 2
  i32.shl
  local.tee $4
  local.get $0
  i32.load
  i32.add
  local.set $1
  local.get $0
  i32.load offset=4
  local.get $4
  i32.add
  local.set $6
  local.get $0
  i32.load offset=8
  local.get $4
  i32.add
  local.set $3
  local.get $0
  i32.load offset=12
  local.get $4
  i32.add
  local.set $4
  local.get $0
  f32.load offset=36
  local.tee $7
  f32x4.splat
  local.set $5
  local.get $0
  f32.load offset=40
  local.tee $15
  f32x4.splat
  local.set $8
  local.get $0
  f32.load offset=44
  local.tee $16
  f32x4.splat
  local.set $9
  local.get $0
  f32.load offset=48
  local.tee $17
  f32x4.splat
  local.set $10
  local.get $0
  f32.load offset=52
  local.tee $18
  f32x4.splat
  local.set $11
  local.get $0
  f32.load offset=56
  local.tee $19
  f32x4.splat
  local.set $12
  local.get $0
  f32.load offset=60
  local.tee $20
  f32x4.splat
  local.set $13
  local.get $0
  f32.load offset=64
  local.tee $21
  f32x4.splat
  local.set $14
  local.get $2
  i32.const 4
  i32.shr_u
  local.tee $0
  if
   loop $do-loop|1
    local.get $3
    v128.load
    local.get $8
    f32x4.mul
    local.get $6
    v128.load
    local.get $5
    f32x4.mul
    local.tee $23
    local.get $9
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $4
    v128.load
    local.get $10
    f32x4.mul
    local.get $23
    local.get $11
    f32x4.mul
    local.get $23
    f32x4.mul
    f32x4.add
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.set $23
    local.get $3
    local.get $24
    local.get $24
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.tee $24
    v128.store
    local.get $4
    local.get $23
    v128.store
    local.get $1
    local.get $1
    v128.load
    local.tee $25
    local.get $25
    local.get $12
    f32x4.mul
    local.get $24
    local.get $13
    f32x4.mul
    local.get $23
    f32x4.sqrt
    local.get $14
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $3
    i32.const 16
    i32.add
    v128.load
    local.get $8
    f32x4.mul
    local.get $6
    v128.load offset=16
    local.get $5
    f32x4.mul
    local.tee $23
    local.get $9
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $4
    i32.const 16
    i32.add
    v128.load
    local.get $10
    f32x4.mul
    local.get $23
    local.get $11
    f32x4.mul
    local.get $23
    f32x4.mul
    f32x4.add
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.set $23
    local.get $3
    local.get $24
    local.get $24
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.tee $24
    v128.store offset=16
    local.get $4
    local.get $23
    v128.store offset=16
    local.get $1
    local.get $1
    i32.const 16
    i32.add
    v128.load
    local.tee $25
    local.get $25
    local.get $12
    f32x4.mul
    local.get $24
    local.get $13
    f32x4.mul
    local.get $23
    f32x4.sqrt
    local.get $14
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=16
    local.get $3
    i32.const 32
    i32.add
    v128.load
    local.get $8
    f32x4.mul
    local.get $6
    v128.load offset=32
    local.get $5
    f32x4.mul
    local.tee $23
    local.get $9
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $4
    i32.const 32
    i32.add
    v128.load
    local.get $10
    f32x4.mul
    local.get $23
    local.get $11
    f32x4.mul
    local.get $23
    f32x4.mul
    f32x4.add
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.set $23
    local.get $3
    local.get $24
    local.get $24
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.tee $24
    v128.store offset=32
    local.get $4
    local.get $23
    v128.store offset=32
    local.get $1
    local.get $1
    i32.const 32
    i32.add
    v128.load
    local.tee $25
    local.get $25
    local.get $12
    f32x4.mul
    local.get $24
    local.get $13
    f32x4.mul
    local.get $23
    f32x4.sqrt
    local.get $14
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=32
    local.get $3
    i32.const 48
    i32.add
    v128.load
    local.get $8
    f32x4.mul
    local.get $6
    v128.load offset=48
    local.get $5
    f32x4.mul
    local.tee $23
    local.get $9
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $4
    i32.const 48
    i32.add
    v128.load
    local.get $10
    f32x4.mul
    local.get $23
    local.get $11
    f32x4.mul
    local.get $23
    f32x4.mul
    f32x4.add
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.set $23
    local.get $3
    local.get $24
    local.get $24
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.tee $24
    v128.store offset=48
    local.get $4
    local.get $23
    v128.store offset=48
    local.get $1
    local.get $1
    i32.const 48
    i32.add
    v128.load
    local.tee $25
    local.get $25
    local.get $12
    f32x4.mul
    local.get $24
    local.get $13
    f32x4.mul
    local.get $23
    f32x4.sqrt
    local.get $14
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=48
    local.get $1
    i32.const -64
    i32.sub
    local.set $1
    local.get $6
    i32.const -64
    i32.sub
    local.set $6
    local.get $3
    i32.const -64
    i32.sub
    local.set $3
    local.get $4
    i32.const -64
    i32.sub
    local.set $4
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|1
   end
  end
  local.get $2
  i32.const 2
  i32.shr_u
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|2
    local.get $3
    v128.load
    local.get $8
    f32x4.mul
    local.get $6
    v128.load
    local.get $5
    f32x4.mul
    local.tee $23
    local.get $9
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $4
    v128.load
    local.get $10
    f32x4.mul
    local.get $23
    local.get $11
    f32x4.mul
    local.get $23
    f32x4.mul
    f32x4.add
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.set $23
    local.get $3
    local.get $24
    local.get $24
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.tee $24
    v128.store
    local.get $4
    local.get $23
    v128.store
    local.get $1
    local.get $1
    v128.load
    local.tee $25
    local.get $25
    local.get $12
    f32x4.mul
    local.get $24
    local.get $13
    f32x4.mul
    local.get $23
    f32x4.sqrt
    local.get $14
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $1
    i32.const 16
    i32.add
    local.set $1
    local.get $6
    i32.const 16
    i32.add
    local.set $6
    local.get $3
    i32.const 16
    i32.add
    local.set $3
    local.get $4
    i32.const 16
    i32.add
    local.set $4
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|2
   end
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|3
    local.get $3
    f32.load
    local.get $15
    f32.mul
    local.get $6
    f32.load
    local.get $7
    f32.mul
    local.tee $22
    local.get $16
    f32.mul
    f32.add
    local.set $26
    f32.const 0
    local.get $4
    f32.load
    local.get $17
    f32.mul
    local.get $22
    local.get $18
    f32.mul
    local.get $22
    f32.mul
    f32.add
    local.tee $22
    local.get $22
    i32.reinterpret_f32
    i32.const 2147483647
    i32.and
    i32.const 8388608
    i32.lt_u
    select
    local.set $22
    local.get $3
    f32.const 0
    local.get $26
    local.get $26
    i32.reinterpret_f32
    i32.const 2147483647
    i32.and
    i32.const 8388608
    i32.lt_u
    select
    local.tee $26
    f32.store
    local.get $4
    local.get $22
    f32.store
    local.get $1
    local.get $1
    f32.load
    local.tee $27
    local.get $27
    local.get $19
    f32.mul
    local.get $26
    local.get $20
    f32.mul
    local.get $22
    f32.sqrt
    local.get $21
    f32.add
    f32.div
    f32.add
    f32.sub
    f32.store
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $6
    i32.const 4
    i32.add
    local.set $6
    local.get $3
    i32.const 4
    i32.add
    local.set $3
    local.get $4
    i32.const 4
    i32.add
    local.set $4
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|3
   end
  end
 )
 (func $assembly/segment/updatePlainChecked (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 v128)
  (local $8 i32)
  (local $9 f32)
  (local $10 v128)
  (local $11 v128)
  (local $12 f32)
  (local $13 v128)
  (local $14 f32)
  (local $15 v128)
  (local $16 f32)
  (local $17 v128)
  (local $18 f32)
  (local $19 v128)
  (local $20 f32)
  (local $21 v128)
  (local $22 f32)
  (local $23 v128)
  (local $24 f32)
  (local $25 v128)
  (local $26 v128)
  (local $27 v128)
  (local $28 f32)
  (local $29 v128)
  (local $30 i32)
  (local $31 f32)
  local.get $1
  i32.const 2
  i32.shl
  local.tee $3
  local.get $0
  i32.load
  i32.add
  local.set $4
  local.get $0
  i32.load offset=4
  local.get $3
  i32.add
  local.set $6
  local.get $0
  i32.load offset=8
  local.get $3
  i32.add
  local.set $5
  local.get $0
  i32.load offset=12
  local.get $3
  i32.add
  local.set $3
  local.get $0
  i32.load offset=84
  local.get $1
  i32.const 12
  i32.shr_u
  i32.const 6
  i32.shl
  i32.add
  local.set $8
  local.get $0
  f32.load offset=36
  drop
  local.get $0
  f32.load offset=40
  local.tee $12
  f32x4.splat
  local.set $13
  local.get $0
  f32.load offset=44
  local.tee $14
  f32x4.splat
  local.set $15
  local.get $0
  f32.load offset=48
  local.tee $16
  f32x4.splat
  local.set $17
  local.get $0
  f32.load offset=52
  local.tee $18
  f32x4.splat
  local.set $19
  local.get $0
  f32.load offset=56
  local.tee $20
  f32x4.splat
  local.set $21
  local.get $0
  f32.load offset=60
  local.tee $22
  f32x4.splat
  local.set $23
  local.get $0
  f32.load offset=64
  local.tee $24
  f32x4.splat
  local.set $25
  local.get $2
  i32.const 2
  i32.shr_u
  local.tee $0
  if
   local.get $8
   v128.load
   local.set $7
   local.get $8
   v128.load offset=16
   local.set $10
   local.get $2
   i32.const 31
   i32.shr_u
   i32.const 2144305133
   i32.xor
   i32x4.splat
   local.set $26
   loop $do-loop|0
    local.get $10
    local.get $7
    local.get $6
    v128.load
    local.tee $11
    local.get $26
    i32x4.dot_i16x8_s
    i32x4.add
    local.tee $7
    i32x4.add
    local.set $10
    local.get $3
    v128.load
    local.get $17
    f32x4.mul
    local.get $11
    local.get $19
    f32x4.mul
    local.get $11
    f32x4.mul
    f32x4.add
    local.set $27
    local.get $5
    local.get $5
    v128.load
    local.get $13
    f32x4.mul
    local.get $11
    local.get $15
    f32x4.mul
    f32x4.add
    local.tee $11
    v128.store
    local.get $3
    local.get $27
    v128.store
    local.get $4
    local.get $4
    v128.load
    local.tee $29
    local.get $29
    local.get $21
    f32x4.mul
    local.get $11
    local.get $23
    f32x4.mul
    local.get $27
    f32x4.sqrt
    local.get $25
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $4
    i32.const 16
    i32.add
    local.set $4
    local.get $6
    i32.const 16
    i32.add
    local.set $6
    local.get $5
    i32.const 16
    i32.add
    local.set $5
    local.get $3
    i32.const 16
    i32.add
    local.set $3
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|0
   end
   local.get $8
   local.get $7
   v128.store
   local.get $8
   local.get $10
   v128.store offset=16
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $2
  if
   i32.const 0
   local.set $0
   loop $do-loop|3
    local.get $0
    local.tee $1
    i32.const 1
    i32.add
    local.set $0
    local.get $8
    local.get $1
    i32.const 3
    i32.and
    i32.const 2
    i32.shl
    i32.add
    local.tee $1
    i32.load
    local.get $6
    i32.load
    local.tee $30
    i32.extend16_s
    i32.const 32749
    i32.mul
    local.get $30
    i32.const 16
    i32.shr_s
    i32.const 32719
    i32.mul
    i32.add
    i32.add
    local.set $30
    local.get $1
    local.get $30
    i32.store
    local.get $1
    local.get $1
    i32.load offset=16
    local.get $30
    i32.add
    i32.store offset=16
    local.get $5
    f32.load
    local.get $12
    f32.mul
    local.get $6
    f32.load
    local.tee $28
    local.get $14
    f32.mul
    f32.add
    local.set $9
    local.get $3
    f32.load
    local.get $16
    f32.mul
    local.get $28
    local.get $18
    f32.mul
    local.get $28
    f32.mul
    f32.add
    local.set $28
    local.get $5
    local.get $9
    f32.store
    local.get $3
    local.get $28
    f32.store
    local.get $4
    local.get $4
    f32.load
    local.tee $31
    local.get $31
    local.get $20
    f32.mul
    local.get $9
    local.get $22
    f32.mul
    local.get $28
    f32.sqrt
    local.get $24
    f32.add
    f32.div
    f32.add
    f32.sub
    f32.store
    local.get $4
    i32.const 4
    i32.add
    local.set $4
    local.get $6
    i32.const 4
    i32.add
    local.set $6
    local.get $5
    i32.const 4
    i32.add
    local.set $5
    local.get $3
    i32.const 4
    i32.add
    local.set $3
    local.get $2
    i32.const 1
    i32.sub
    local.tee $2
    br_if $do-loop|3
   end
  end
 )
 (func $assembly/segment/updatePlain (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 v128)
  (local $6 i32)
  (local $7 v128)
  (local $8 v128)
  (local $9 v128)
  (local $10 v128)
  (local $11 v128)
  (local $12 v128)
  (local $13 f32)
  (local $14 f32)
  (local $15 f32)
  (local $16 f32)
  (local $17 f32)
  (local $18 f32)
  (local $19 f32)
  (local $20 f32)
  (local $21 f32)
  (local $22 v128)
  (local $23 v128)
  (local $24 v128)
  (local $25 f32)
  local.get $1
  i32.const 2
  i32.shl
  local.tee $4
  local.get $0
  i32.load
  i32.add
  local.set $1
  local.get $0
  i32.load offset=4
  local.get $4
  i32.add
  local.set $6
  local.get $0
  i32.load offset=8
  local.get $4
  i32.add
  local.set $3
  local.get $0
  i32.load offset=12
  local.get $4
  i32.add
  local.set $4
  local.get $0
  f32.load offset=36
  drop
  local.get $0
  f32.load offset=40
  local.tee $14
  f32x4.splat
  local.set $5
  local.get $0
  f32.load offset=44
  local.tee $15
  f32x4.splat
  local.set $7
  local.get $0
  f32.load offset=48
  local.tee $16
  f32x4.splat
  local.set $8
  local.get $0
  f32.load offset=52
  local.tee $17
  f32x4.splat
  local.set $9
  local.get $0
  f32.load offset=56
  local.tee $18
  f32x4.splat
  local.set $10
  local.get $0
  f32.load offset=60
  local.tee $19
  f32x4.splat
  local.set $11
  local.get $0
  f32.load offset=64
  local.tee $20
  f32x4.splat
  local.set $12
  local.get $2
  i32.const 4
  i32.shr_u
  local.tee $0
  if
   loop $do-loop|1
    local.get $3
    v128.load
    local.get $5
    f32x4.mul
    local.get $6
    v128.load
    local.tee $22
    local.get $7
    f32x4.mul
    f32x4.add
    local.set $23
    local.get $4
    v128.load
    local.get $8
    f32x4.mul
    local.get $22
    local.get $9
    f32x4.mul
    local.get $22
    f32x4.mul
    f32x4.add
    local.set $22
    local.get $3
    local.get $23
    v128.store
    local.get $4
    local.get $22
    v128.store
    local.get $1
    local.get $1
    v128.load
    local.tee $24
    local.get $24
    local.get $10
    f32x4.mul
    local.get $23
    local.get $11
    f32x4.mul
    local.get $22
    f32x4.sqrt
    local.get $12
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $3
    i32.const 16
    i32.add
    v128.load
    local.get $5
    f32x4.mul
    local.get $6
    v128.load offset=16
    local.tee $22
    local.get $7
    f32x4.mul
    f32x4.add
    local.set $23
    local.get $4
    i32.const 16
    i32.add
    v128.load
    local.get $8
    f32x4.mul
    local.get $22
    local.get $9
    f32x4.mul
    local.get $22
    f32x4.mul
    f32x4.add
    local.set $22
    local.get $3
    local.get $23
    v128.store offset=16
    local.get $4
    local.get $22
    v128.store offset=16
    local.get $1
    local.get $1
    i32.const 16
    i32.add
    v128.load
    local.tee $24
    local.get $24
    local.get $10
    f32x4.mul
    local.get $23
    local.get $11
    f32x4.mul
    local.get $22
    f32x4.sqrt
    local.get $12
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=16
    local.get $3
    i32.const 32
    i32.add
    v128.load
    local.get $5
    f32x4.mul
    local.get $6
    v128.load offset=32
    local.tee $22
    local.get $7
    f32x4.mul
    f32x4.add
    local.set $23
    local.get $4
    i32.const 32
    i32.add
    v128.load
    local.get $8
    f32x4.mul
    local.get $22
    local.get $9
    f32x4.mul
    local.get $22
    f32x4.mul
    f32x4.add
    local.set $22
    local.get $3
    local.get $23
    v128.store offset=32
    local.get $4
    local.get $22
    v128.store offset=32
    local.get $1
    local.get $1
    i32.const 32
    i32.add
    v128.load
    local.tee $24
    local.get $24
    local.get $10
    f32x4.mul
    local.get $23
    local.get $11
    f32x4.mul
    local.get $22
    f32x4.sqrt
    local.get $12
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=32
    local.get $3
    i32.const 48
    i32.add
    v128.load
    local.get $5
    f32x4.mul
    local.get $6
    v128.load offset=48
    local.tee $22
    local.get $7
    f32x4.mul
    f32x4.add
    local.set $23
    local.get $4
    i32.const 48
    i32.add
    v128.load
    local.get $8
    f32x4.mul
    local.get $22
    local.get $9
    f32x4.mul
    local.get $22
    f32x4.mul
    f32x4.add
    local.set $22
    local.get $3
    local.get $23
    v128.store offset=48
    local.get $4
    local.get $22
    v128.store offset=48
    local.get $1
    local.get $1
    i32.const 48
    i32.add
    v128.load
    local.tee $24
    local.get $24
    local.get $10
    f32x4.mul
    local.get $23
    local.get $11
    f32x4.mul
    local.get $22
    f32x4.sqrt
    local.get $12
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=48
    local.get $1
    i32.const -64
    i32.sub
    local.set $1
    local.get $6
    i32.const -64
    i32.sub
    local.set $6
    local.get $3
    i32.const -64
    i32.sub
    local.set $3
    local.get $4
    i32.const -64
    i32.sub
    local.set $4
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|1
   end
  end
  local.get $2
  i32.const 2
  i32.shr_u
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|2
    local.get $3
    v128.load
    local.get $5
    f32x4.mul
    local.get $6
    v128.load
    local.tee $22
    local.get $7
    f32x4.mul
    f32x4.add
    local.set $23
    local.get $4
    v128.load
    local.get $8
    f32x4.mul
    local.get $22
    local.get $9
    f32x4.mul
    local.get $22
    f32x4.mul
    f32x4.add
    local.set $22
    local.get $3
    local.get $23
    v128.store
    local.get $4
    local.get $22
    v128.store
    local.get $1
    local.get $1
    v128.load
    local.tee $24
    local.get $24
    local.get $10
    f32x4.mul
    local.get $23
    local.get $11
    f32x4.mul
    local.get $22
    f32x4.sqrt
    local.get $12
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $1
    i32.const 16
    i32.add
    local.set $1
    local.get $6
    i32.const 16
    i32.add
    local.set $6
    local.get $3
    i32.const 16
    i32.add
    local.set $3
    local.get $4
    i32.const 16
    i32.add
    local.set $4
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|2
   end
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|3
    local.get $3
    f32.load
    local.get $14
    f32.mul
    local.get $6
    f32.load
    local.tee $21
    local.get $15
    f32.mul
    f32.add
    local.set $13
    local.get $4
    f32.load
    local.get $16
    f32.mul
    local.get $21
    local.get $17
    f32.mul
    local.get $21
    f32.mul
    f32.add
    local.set $21
    local.get $3
    local.get $13
    f32.store
    local.get $4
    local.get $21
    f32.store
    local.get $1
    local.get $1
    f32.load
    local.tee $25
    local.get $25
    local.get $18
    f32.mul
    local.get $13
    local.get $19
    f32.mul
    local.get $21
    f32.sqrt
    local.get $20
    f32.add
    f32.div
    f32.add
    f32.sub
    f32.store
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $6
    i32.const 4
    i32.add
    local.set $6
    local.get $3
    i32.const 4
    i32.add
    local.set $3
    local.get $4
    i32.const 4
    i32.add
    local.set $4
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|3
   end
  end
 )
 (func $assembly/segment/updateAmsgradScaled (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 v128)
  (local $7 i32)
  (local $8 f32)
  (local $9 v128)
  (local $10 v128)
  (local $11 v128)
  (local $12 v128)
  (local $13 v128)
  (local $14 v128)
  (local $15 v128)
  (local $16 f32)
  (local $17 f32)
  (local $18 f32)
  (local $19 f32)
  (local $20 f32)
  (local $21 f32)
  (local $22 f32)
  (local $23 f32)
  (local $24 v128)
  (local $25 v128)
  (local $26 v128)
  (local $27 f32)
  (local $28 f32)
  local.get $1
  i32.const 2
  i32.shl
  local.tee $1
  local.get $0
  i32.load
  i32.add
  local.set $5
  local.get $0
  i32.load offset=4
  local.get $1
  i32.add
  local.set $7
  local.get $0
  i32.load offset=8
  local.get $1
  i32.add
  local.set $3
  local.get $0
  i32.load offset=12
  local.get $1
  i32.add
  local.set $4
  local.get $0
  i32.load offset=16
  local.get $1
  i32.add
  local.set $1
  local.get $0
  f32.load offset=36
  local.tee $16
  f32x4.splat
  local.set $6
  local.get $0
  f32.load offset=40
  local.tee $17
  f32x4.splat
  local.set $9
  local.get $0
  f32.load offset=44
  local.tee $18
  f32x4.splat
  local.set $10
  local.get $0
  f32.load offset=48
  local.tee $19
  f32x4.splat
  local.set $11
  local.get $0
  f32.load offset=52
  local.tee $20
  f32x4.splat
  local.set $12
  local.get $0
  f32.load offset=56
  local.tee $21
  f32x4.splat
  local.set $13
  local.get $0
  f32.load offset=60
  local.tee $22
  f32x4.splat
  local.set $14
  local.get $0
  f32.load offset=64
  local.tee $23
  f32x4.splat
  local.set $15
  local.get $2
  i32.const 4
  i32.shr_u
  local.tee $0
  if
   loop $do-loop|1
    local.get $3
    v128.load
    local.get $9
    f32x4.mul
    local.get $7
    v128.load
    local.get $6
    f32x4.mul
    local.tee $24
    local.get $10
    f32x4.mul
    f32x4.add
    local.set $25
    local.get $4
    v128.load
    local.get $11
    f32x4.mul
    local.get $24
    local.get $12
    f32x4.mul
    local.get $24
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $3
    local.get $25
    v128.store
    local.get $4
    local.get $24
    v128.store
    local.get $1
    local.get $24
    local.get $1
    v128.load
    f32x4.pmax
    local.tee $24
    v128.store
    local.get $5
    local.get $5
    v128.load
    local.tee $26
    local.get $26
    local.get $13
    f32x4.mul
    local.get $25
    local.get $14
    f32x4.mul
    local.get $24
    f32x4.sqrt
    local.get $15
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $3
    i32.const 16
    i32.add
    v128.load
    local.get $9
    f32x4.mul
    local.get $7
    v128.load offset=16
    local.get $6
    f32x4.mul
    local.tee $24
    local.get $10
    f32x4.mul
    f32x4.add
    local.set $25
    local.get $4
    i32.const 16
    i32.add
    v128.load
    local.get $11
    f32x4.mul
    local.get $24
    local.get $12
    f32x4.mul
    local.get $24
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $3
    local.get $25
    v128.store offset=16
    local.get $4
    local.get $24
    v128.store offset=16
    local.get $1
    local.get $24
    local.get $1
    i32.const 16
    i32.add
    v128.load
    f32x4.pmax
    local.tee $24
    v128.store offset=16
    local.get $5
    local.get $5
    i32.const 16
    i32.add
    v128.load
    local.tee $26
    local.get $26
    local.get $13
    f32x4.mul
    local.get $25
    local.get $14
    f32x4.mul
    local.get $24
    f32x4.sqrt
    local.get $15
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=16
    local.get $3
    i32.const 32
    i32.add
    v128.load
    local.get $9
    f32x4.mul
    local.get $7
    v128.load offset=32
    local.get $6
    f32x4.mul
    local.tee $24
    local.get $10
    f32x4.mul
    f32x4.add
    local.set $25
    local.get $4
    i32.const 32
    i32.add
    v128.load
    local.get $11
    f32x4.mul
    local.get $24
    local.get $12
    f32x4.mul
    local.get $24
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $3
    local.get $25
    v128.store offset=32
    local.get $4
    local.get $24
    v128.store offset=32
    local.get $1
    local.get $24
    local.get $1
    i32.const 32
    i32.add
    v128.load
    f32x4.pmax
    local.tee $24
    v128.store offset=32
    local.get $5
    local.get $5
    i32.const 32
    i32.add
    v128.load
    local.tee $26
    local.get $26
    local.get $13
    f32x4.mul
    local.get $25
    local.get $14
    f32x4.mul
    local.get $24
    f32x4.sqrt
    local.get $15
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=32
    local.get $3
    i32.const 48
    i32.add
    v128.load
    local.get $9
    f32x4.mul
    local.get $7
    v128.load offset=48
    local.get $6
    f32x4.mul
    local.tee $24
    local.get $10
    f32x4.mul
    f32x4.add
    local.set $25
    local.get $4
    i32.const 48
    i32.add
    v128.load
    local.get $11
    f32x4.mul
    local.get $24
    local.get $12
    f32x4.mul
    local.get $24
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $3
    local.get $25
    v128.store offset=48
    local.get $4
    local.get $24
    v128.store offset=48
    local.get $1
    local.get $24
    local.get $1
    i32.const 48
    i32.add
    v128.load
    f32x4.pmax
    local.tee $24
    v128.store offset=48
    local.get $5
    local.get $5
    i32.const 48
    i32.add
    v128.load
    local.tee $26
    local.get $26
    local.get $13
    f32x4.mul
    local.get $25
    local.get $14
    f32x4.mul
    local.get $24
    f32x4.sqrt
    local.get $15
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=48
    local.get $5
    i32.const -64
    i32.sub
    local.set $5
    local.get $7
    i32.const -64
    i32.sub
    local.set $7
    local.get $3
    i32.const -64
    i32.sub
    local.set $3
    local.get $4
    i32.const -64
    i32.sub
    local.set $4
    local.get $1
    i32.const -64
    i32.sub
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|1
   end
  end
  local.get $2
  i32.const 2
  i32.shr_u
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|2
    local.get $3
    v128.load
    local.get $9
    f32x4.mul
    local.get $7
    v128.load
    local.get $6
    f32x4.mul
    local.tee $24
    local.get $10
    f32x4.mul
    f32x4.add
    local.set $25
    local.get $4
    v128.load
    local.get $11
    f32x4.mul
    local.get $24
    local.get $12
    f32x4.mul
    local.get $24
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $3
    local.get $25
    v128.store
    local.get $4
    local.get $24
    v128.store
    local.get $1
    local.get $24
    local.get $1
    v128.load
    f32x4.pmax
    local.tee $24
    v128.store
    local.get $5
    local.get $5
    v128.load
    local.tee $26
    local.get $26
    local.get $13
    f32x4.mul
    local.get $25
    local.get $14
    f32x4.mul
    local.get $24
    f32x4.sqrt
    local.get $15
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $5
    i32.const 16
    i32.add
    local.set $5
    local.get $7
    i32.const 16
    i32.add
    local.set $7
    local.get $3
    i32.const 16
    i32.add
    local.set $3
    local.get $4
    i32.const 16
    i32.add
    local.set $4
    local.get $1
    i32.const 16
    i32.add
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|2
   end
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|3
    local.get $3
    f32.load
    local.get $17
    f32.mul
    local.get $7
    f32.load
    local.get $16
    f32.mul
    local.tee $27
    local.get $18
    f32.mul
    f32.add
    local.set $8
    local.get $4
    f32.load
    local.get $19
    f32.mul
    local.get $27
    local.get $20
    f32.mul
    local.get $27
    f32.mul
    f32.add
    local.set $27
    local.get $3
    local.get $8
    f32.store
    local.get $4
    local.get $27
    f32.store
    local.get $1
    local.get $1
    f32.load
    local.tee $28
    local.get $27
    local.get $27
    local.get $28
    f32.lt
    select
    local.tee $27
    f32.store
    local.get $5
    local.get $5
    f32.load
    local.tee $28
    local.get $28
    local.get $21
    f32.mul
    local.get $8
    local.get $22
    f32.mul
    local.get $27
    f32.sqrt
    local.get $23
    f32.add
    f32.div
    f32.add
    f32.sub
    f32.store
    local.get $5
    i32.const 4
    i32.add
    local.set $5
    local.get $7
    i32.const 4
    i32.add
    local.set $7
    local.get $3
    i32.const 4
    i32.add
    local.set $3
    local.get $4
    i32.const 4
    i32.add
    local.set $4
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|3
   end
  end
 )
 (func $assembly/segment/updateAmsgradFlush (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 v128)
  (local $7 i32)
  (local $8 f32)
  (local $9 v128)
  (local $10 v128)
  (local $11 v128)
  (local $12 v128)
  (local $13 v128)
  (local $14 v128)
  (local $15 v128)
  (local $16 f32)
  (local $17 f32)
  (local $18 f32)
  (local $19 f32)
  (local $20 f32)
  (local $21 f32)
  (local $22 f32)
  (local $23 v128)
  (local $24 v128)
  (local $25 v128)
  (local $26 f32)
  (local $27 f32)
  (local $28 f32)
  local.get $1
  i32.const 2
  i32.shl
  local.tee $1
  local.get $0
  i32.load
  i32.add
  local.set $5
  local.get $0
  i32.load offset=4
  local.get $1
  i32.add
  local.set $7
  local.get $0
  i32.load offset=8
  local.get $1
  i32.add
  local.set $3
  local.get $0
  i32.load offset=12
  local.get $1
  i32.add
  local.set $4
  local.get $0
  i32.load offset=16
  local.get $1
  i32.add
  local.set $1
  local.get $0
  f32.load offset=36
  local.tee $8
  f32x4.splat
  local.set $6
  local.get $0
  f32.load offset=40
  local.tee $16
  f32x4.splat
  local.set $9
  local.get $0
  f32.load offset=44
  local.tee $17
  f32x4.splat
  local.set $10
  local.get $0
  f32.load offset=48
  local.tee $18
  f32x4.splat
  local.set $11
  local.get $0
  f32.load offset=52
  local.tee $19
  f32x4.splat
  local.set $12
  local.get $0
  f32.load offset=56
  local.tee $20
  f32x4.splat
  local.set $13
  local.get $0
  f32.load offset=60
  local.tee $21
  f32x4.splat
  local.set $14
  local.get $0
  f32.load offset=64
  local.tee $22
  f32x4.splat
  local.set $15
  local.get $2
  i32.const 4
  i32.shr_u
  local.tee $0
  if
   loop $do-loop|1
    local.get $3
    v128.load
    local.get $9
    f32x4.mul
    local.get $7
    v128.load
    local.get $6
    f32x4.mul
    local.tee $23
    local.get $10
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $4
    v128.load
    local.get $11
    f32x4.mul
    local.get $23
    local.get $12
    f32x4.mul
    local.get $23
    f32x4.mul
    f32x4.add
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.set $23
    local.get $3
    local.get $24
    local.get $24
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.tee $24
    v128.store
    local.get $4
    local.get $23
    v128.store
    local.get $1
    local.get $23
    local.get $1
    v128.load
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    f32x4.pmax
    local.tee $23
    v128.store
    local.get $5
    local.get $5
    v128.load
    local.tee $25
    local.get $25
    local.get $13
    f32x4.mul
    local.get $24
    local.get $14
    f32x4.mul
    local.get $23
    f32x4.sqrt
    local.get $15
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $3
    i32.const 16
    i32.add
    v128.load
    local.get $9
    f32x4.mul
    local.get $7
    v128.load offset=16
    local.get $6
    f32x4.mul
    local.tee $23
    local.get $10
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $4
    i32.const 16
    i32.add
    v128.load
    local.get $11
    f32x4.mul
    local.get $23
    local.get $12
    f32x4.mul
    local.get $23
    f32x4.mul
    f32x4.add
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.set $23
    local.get $3
    local.get $24
    local.get $24
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.tee $24
    v128.store offset=16
    local.get $4
    local.get $23
    v128.store offset=16
    local.get $1
    local.get $23
    local.get $1
    i32.const 16
    i32.add
    v128.load
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    f32x4.pmax
    local.tee $23
    v128.store offset=16
    local.get $5
    local.get $5
    i32.const 16
    i32.add
    v128.load
    local.tee $25
    local.get $25
    local.get $13
    f32x4.mul
    local.get $24
    local.get $14
    f32x4.mul
    local.get $23
    f32x4.sqrt
    local.get $15
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=16
    local.get $3
    i32.const 32
    i32.add
    v128.load
    local.get $9
    f32x4.mul
    local.get $7
    v128.load offset=32
    local.get $6
    f32x4.mul
    local.tee $23
    local.get $10
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $4
    i32.const 32
    i32.add
    v128.load
    local.get $11
    f32x4.mul
    local.get $23
    local.get $12
    f32x4.mul
    local.get $23
    f32x4.mul
    f32x4.add
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.set $23
    local.get $3
    local.get $24
    local.get $24
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.tee $24
    v128.store offset=32
    local.get $4
    local.get $23
    v128.store offset=32
    local.get $1
    local.get $23
    local.get $1
    i32.const 32
    i32.add
    v128.load
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    f32x4.pmax
    local.tee $23
    v128.store offset=32
    local.get $5
    local.get $5
    i32.const 32
    i32.add
    v128.load
    local.tee $25
    local.get $25
    local.get $13
    f32x4.mul
    local.get $24
    local.get $14
    f32x4.mul
    local.get $23
    f32x4.sqrt
    local.get $15
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=32
    local.get $3
    i32.const 48
    i32.add
    v128.load
    local.get $9
    f32x4.mul
    local.get $7
    v128.load offset=48
    local.get $6
    f32x4.mul
    local.tee $23
    local.get $10
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $4
    i32.const 48
    i32.add
    v128.load
    local.get $11
    f32x4.mul
    local.get $23
    local.get $12
    f32x4.mul
    local.get $23
    f32x4.mul
    f32x4.add
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.set $23
    local.get $3
    local.get $24
    local.get $24
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.tee $24
    v128.store offset=48
    local.get $4
    local.get $23
    v128.store offset=48
    local.get $1
    local.get $23
    local.get $1
    i32.const 48
    i32.add
    v128.load
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    f32x4.pmax
    local.tee $23
    v128.store offset=48
    local.get $5
    local.get $5
    i32.const 48
    i32.add
    v128.load
    local.tee $25
    local.get $25
    local.get $13
    f32x4.mul
    local.get $24
    local.get $14
    f32x4.mul
    local.get $23
    f32x4.sqrt
    local.get $15
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=48
    local.get $5
    i32.const -64
    i32.sub
    local.set $5
    local.get $7
    i32.const -64
    i32.sub
    local.set $7
    local.get $3
    i32.const -64
    i32.sub
    local.set $3
    local.get $4
    i32.const -64
    i32.sub
    local.set $4
    local.get $1
    i32.const -64
    i32.sub
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|1
   end
  end
  local.get $2
  i32.const 2
  i32.shr_u
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|2
    local.get $3
    v128.load
    local.get $9
    f32x4.mul
    local.get $7
    v128.load
    local.get $6
    f32x4.mul
    local.tee $23
    local.get $10
    f32x4.mul
    f32x4.add
    local.set $24
    local.get $4
    v128.load
    local.get $11
    f32x4.mul
    local.get $23
    local.get $12
    f32x4.mul
    local.get $23
    f32x4.mul
    f32x4.add
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.set $23
    local.get $3
    local.get $24
    local.get $24
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    local.tee $24
    v128.store
    local.get $4
    local.get $23
    v128.store
    local.get $1
    local.get $23
    local.get $1
    v128.load
    local.tee $23
    local.get $23
    f32x4.abs
    v128.const i32x4 0x00800000 0x00800000 0x00800000 0x00800000
    f32x4.lt
    v128.andnot
    f32x4.pmax
    local.tee $23
    v128.store
    local.get $5
    local.get $5
    v128.load
    local.tee $25
    local.get $25
    local.get $13
    f32x4.mul
    local.get $24
    local.get $14
    f32x4.mul
    local.get $23
    f32x4.sqrt
    local.get $15
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $5
    i32.const 16
    i32.add
    local.set $5
    local.get $7
    i32.const 16
    i32.add
    local.set $7
    local.get $3
    i32.const 16
    i32.add
    local.set $3
    local.get $4
    i32.const 16
    i32.add
    local.set $4
    local.get $1
    i32.const 16
    i32.add
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|2
   end
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|3
    local.get $3
    f32.load
    local.get $16
    f32.mul
    local.get $7
    f32.load
    local.get $8
    f32.mul
    local.tee $26
    local.get $17
    f32.mul
    f32.add
    local.set $27
    f32.const 0
    local.get $4
    f32.load
    local.get $18
    f32.mul
    local.get $26
    local.get $19
    f32.mul
    local.get $26
    f32.mul
    f32.add
    local.tee $26
    local.get $26
    i32.reinterpret_f32
    i32.const 2147483647
    i32.and
    i32.const 8388608
    i32.lt_u
    select
    local.set $26
    local.get $3
    f32.const 0
    local.get $27
    local.get $27
    i32.reinterpret_f32
    i32.const 2147483647
    i32.and
    i32.const 8388608
    i32.lt_u
    select
    local.tee $27
    f32.store
    local.get $4
    local.get $26
    f32.store
    local.get $1
    f32.const 0
    local.get $1
    f32.load
    local.get $1
    i32.load
    i32.const 2147483647
    i32.and
    i32.const 8388608
    i32.lt_u
    select
    local.tee $28
    local.get $26
    local.get $26
    local.get $28
    f32.lt
    select
    local.tee $26
    f32.store
    local.get $5
    local.get $5
    f32.load
    local.tee $28
    local.get $28
    local.get $20
    f32.mul
    local.get $27
    local.get $21
    f32.mul
    local.get $26
    f32.sqrt
    local.get $22
    f32.add
    f32.div
    f32.add
    f32.sub
    f32.store
    local.get $5
    i32.const 4
    i32.add
    local.set $5
    local.get $7
    i32.const 4
    i32.add
    local.set $7
    local.get $3
    i32.const 4
    i32.add
    local.set $3
    local.get $4
    i32.const 4
    i32.add
    local.set $4
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|3
   end
  end
 )
 (func $assembly/segment/updateAmsgradChecked (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 v128)
  (local $5 i32)
  (local $6 i32)
  (local $7 i32)
  (local $8 f32)
  (local $9 i32)
  (local $10 v128)
  (local $11 f32)
  (local $12 v128)
  (local $13 f32)
  (local $14 v128)
  (local $15 f32)
  (local $16 v128)
  (local $17 f32)
  (local $18 v128)
  (local $19 f32)
  (local $20 v128)
  (local $21 f32)
  (local $22 v128)
  (local $23 f32)
  (local $24 v128)
  (local $25 f32)
  (local $26 v128)
  (local $27 v128)
  (local $28 i32)
  (local $29 v128)
  (local $30 v128)
  (local $31 v128)
  (local $32 i32)
  (local $33 f32)
  (local $34 f32)
  local.get $1
  local.tee $3
  i32.const 2
  i32.shl
  local.tee $1
  local.get $0
  i32.load
  i32.add
  local.set $5
  local.get $0
  i32.load offset=4
  local.get $1
  i32.add
  local.set $9
  local.get $0
  i32.load offset=8
  local.get $1
  i32.add
  local.set $6
  local.get $0
  i32.load offset=12
  local.get $1
  i32.add
  local.set $7
  local.get $0
  i32.load offset=16
  local.get $1
  i32.add
  local.set $1
  local.get $0
  i32.load offset=84
  local.get $3
  i32.const 12
  i32.shr_u
  i32.const 6
  i32.shl
  i32.add
  local.set $28
  local.get $0
  f32.load offset=36
  local.tee $11
  f32x4.splat
  local.set $12
  local.get $0
  f32.load offset=40
  local.tee $13
  f32x4.splat
  local.set $14
  local.get $0
  f32.load offset=44
  local.tee $15
  f32x4.splat
  local.set $16
  local.get $0
  f32.load offset=48
  local.tee $17
  f32x4.splat
  local.set $18
  local.get $0
  f32.load offset=52
  local.tee $19
  f32x4.splat
  local.set $20
  local.get $0
  f32.load offset=56
  local.tee $21
  f32x4.splat
  local.set $22
  local.get $0
  f32.load offset=60
  local.tee $23
  f32x4.splat
  local.set $24
  local.get $0
  f32.load offset=64
  local.tee $25
  f32x4.splat
  local.set $26
  local.get $2
  i32.const 2
  i32.shr_u
  local.tee $0
  if
   local.get $28
   v128.load
   local.set $4
   local.get $28
   v128.load offset=16
   local.set $10
   local.get $2
   i32.const 31
   i32.shr_u
   i32.const 2144305133
   i32.xor
   i32x4.splat
   local.set $27
   loop $do-loop|0
    local.get $10
    local.get $4
    local.get $9
    v128.load
    local.tee $29
    local.get $27
    i32x4.dot_i16x8_s
    i32x4.add
    local.tee $4
    i32x4.add
    local.set $10
    local.get $6
    v128.load
    local.get $14
    f32x4.mul
    local.get $29
    local.get $12
    f32x4.mul
    local.tee $29
    local.get $16
    f32x4.mul
    f32x4.add
    local.set $30
    local.get $7
    v128.load
    local.get $18
    f32x4.mul
    local.get $29
    local.get $20
    f32x4.mul
    local.get $29
    f32x4.mul
    f32x4.add
    local.set $29
    local.get $6
    local.get $30
    v128.store
    local.get $7
    local.get $29
    v128.store
    local.get $1
    local.get $29
    local.get $1
    v128.load
    f32x4.pmax
    local.tee $29
    v128.store
    local.get $5
    local.get $5
    v128.load
    local.tee $31
    local.get $31
    local.get $22
    f32x4.mul
    local.get $30
    local.get $24
    f32x4.mul
    local.get $29
    f32x4.sqrt
    local.get $26
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $5
    i32.const 16
    i32.add
    local.set $5
    local.get $9
    i32.const 16
    i32.add
    local.set $9
    local.get $6
    i32.const 16
    i32.add
    local.set $6
    local.get $7
    i32.const 16
    i32.add
    local.set $7
    local.get $1
    i32.const 16
    i32.add
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|0
   end
   local.get $28
   local.get $4
   v128.store
   local.get $28
   local.get $10
   v128.store offset=16
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $3
  if
   i32.const 0
   local.set $0
   loop $do-loop|3
    local.get $0
    local.tee $2
    i32.const 1
    i32.add
    local.set $0
    local.get $28
    local.get $2
    i32.const 3
    i32.and
    i32.const 2
    i32.shl
    i32.add
    local.tee $2
    i32.load
    local.get $9
    i32.load
    local.tee $32
    i32.extend16_s
    i32.const 32749
    i32.mul
    local.get $32
    i32.const 16
    i32.shr_s
    i32.const 32719
    i32.mul
    i32.add
    i32.add
    local.set $32
    local.get $2
    local.get $32
    i32.store
    local.get $2
    local.get $2
    i32.load offset=16
    local.get $32
    i32.add
    i32.store offset=16
    local.get $6
    f32.load
    local.get $13
    f32.mul
    local.get $9
    f32.load
    local.get $11
    f32.mul
    local.tee $33
    local.get $15
    f32.mul
    f32.add
    local.set $8
    local.get $7
    f32.load
    local.get $17
    f32.mul
    local.get $33
    local.get $19
    f32.mul
    local.get $33
    f32.mul
    f32.add
    local.set $33
    local.get $6
    local.get $8
    f32.store
    local.get $7
    local.get $33
    f32.store
    local.get $1
    local.get $1
    f32.load
    local.tee $34
    local.get $33
    local.get $33
    local.get $34
    f32.lt
    select
    local.tee $33
    f32.store
    local.get $5
    local.get $5
    f32.load
    local.tee $34
    local.get $34
    local.get $21
    f32.mul
    local.get $8
    local.get $23
    f32.mul
    local.get $33
    f32.sqrt
    local.get $25
    f32.add
    f32.div
    f32.add
    f32.sub
    f32.store
    local.get $5
    i32.const 4
    i32.add
    local.set $5
    local.get $9
    i32.const 4
    i32.add
    local.set $9
    local.get $6
    i32.const 4
    i32.add
    local.set $6
    local.get $7
    i32.const 4
    i32.add
    local.set $7
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $3
    i32.const 1
    i32.sub
    local.tee $3
    br_if $do-loop|3
   end
  end
 )
 (func $assembly/segment/updateAmsgrad (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 v128)
  (local $7 i32)
  (local $8 f32)
  (local $9 v128)
  (local $10 v128)
  (local $11 v128)
  (local $12 v128)
  (local $13 v128)
  (local $14 v128)
  (local $15 f32)
  (local $16 f32)
  (local $17 f32)
  (local $18 f32)
  (local $19 f32)
  (local $20 f32)
  (local $21 f32)
  (local $22 v128)
  (local $23 v128)
  (local $24 v128)
  (local $25 f32)
  (local $26 f32)
  local.get $1
  i32.const 2
  i32.shl
  local.tee $1
  local.get $0
  i32.load
  i32.add
  local.set $5
  local.get $0
  i32.load offset=4
  local.get $1
  i32.add
  local.set $7
  local.get $0
  i32.load offset=8
  local.get $1
  i32.add
  local.set $3
  local.get $0
  i32.load offset=12
  local.get $1
  i32.add
  local.set $4
  local.get $0
  i32.load offset=16
  local.get $1
  i32.add
  local.set $1
  local.get $0
  f32.load offset=36
  drop
  local.get $0
  f32.load offset=40
  local.tee $15
  f32x4.splat
  local.set $6
  local.get $0
  f32.load offset=44
  local.tee $16
  f32x4.splat
  local.set $9
  local.get $0
  f32.load offset=48
  local.tee $17
  f32x4.splat
  local.set $10
  local.get $0
  f32.load offset=52
  local.tee $18
  f32x4.splat
  local.set $11
  local.get $0
  f32.load offset=56
  local.tee $19
  f32x4.splat
  local.set $12
  local.get $0
  f32.load offset=60
  local.tee $20
  f32x4.splat
  local.set $13
  local.get $0
  f32.load offset=64
  local.tee $21
  f32x4.splat
  local.set $14
  local.get $2
  i32.const 4
  i32.shr_u
  local.tee $0
  if
   loop $do-loop|1
    local.get $3
    v128.load
    local.get $6
    f32x4.mul
    local.get $7
    v128.load
    local.tee $22
    local.get $9
    f32x4.mul
    f32x4.add
    local.set $23
    local.get $4
    v128.load
    local.get $10
    f32x4.mul
    local.get $22
    local.get $11
    f32x4.mul
    local.get $22
    f32x4.mul
    f32x4.add
    local.set $22
    local.get $3
    local.get $23
    v128.store
    local.get $4
    local.get $22
    v128.store
    local.get $1
    local.get $22
    local.get $1
    v128.load
    f32x4.pmax
    local.tee $22
    v128.store
    local.get $5
    local.get $5
    v128.load
    local.tee $24
    local.get $24
    local.get $12
    f32x4.mul
    local.get $23
    local.get $13
    f32x4.mul
    local.get $22
    f32x4.sqrt
    local.get $14
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $3
    i32.const 16
    i32.add
    v128.load
    local.get $6
    f32x4.mul
    local.get $7
    v128.load offset=16
    local.tee $22
    local.get $9
    f32x4.mul
    f32x4.add
    local.set $23
    local.get $4
    i32.const 16
    i32.add
    v128.load
    local.get $10
    f32x4.mul
    local.get $22
    local.get $11
    f32x4.mul
    local.get $22
    f32x4.mul
    f32x4.add
    local.set $22
    local.get $3
    local.get $23
    v128.store offset=16
    local.get $4
    local.get $22
    v128.store offset=16
    local.get $1
    local.get $22
    local.get $1
    i32.const 16
    i32.add
    v128.load
    f32x4.pmax
    local.tee $22
    v128.store offset=16
    local.get $5
    local.get $5
    i32.const 16
    i32.add
    v128.load
    local.tee $24
    local.get $24
    local.get $12
    f32x4.mul
    local.get $23
    local.get $13
    f32x4.mul
    local.get $22
    f32x4.sqrt
    local.get $14
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=16
    local.get $3
    i32.const 32
    i32.add
    v128.load
    local.get $6
    f32x4.mul
    local.get $7
    v128.load offset=32
    local.tee $22
    local.get $9
    f32x4.mul
    f32x4.add
    local.set $23
    local.get $4
    i32.const 32
    i32.add
    v128.load
    local.get $10
    f32x4.mul
    local.get $22
    local.get $11
    f32x4.mul
    local.get $22
    f32x4.mul
    f32x4.add
    local.set $22
    local.get $3
    local.get $23
    v128.store offset=32
    local.get $4
    local.get $22
    v128.store offset=32
    local.get $1
    local.get $22
    local.get $1
    i32.const 32
    i32.add
    v128.load
    f32x4.pmax
    local.tee $22
    v128.store offset=32
    local.get $5
    local.get $5
    i32.const 32
    i32.add
    v128.load
    local.tee $24
    local.get $24
    local.get $12
    f32x4.mul
    local.get $23
    local.get $13
    f32x4.mul
    local.get $22
    f32x4.sqrt
    local.get $14
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=32
    local.get $3
    i32.const 48
    i32.add
    v128.load
    local.get $6
    f32x4.mul
    local.get $7
    v128.load offset=48
    local.tee $22
    local.get $9
    f32x4.mul
    f32x4.add
    local.set $23
    local.get $4
    i32.const 48
    i32.add
    v128.load
    local.get $10
    f32x4.mul
    local.get $22
    local.get $11
    f32x4.mul
    local.get $22
    f32x4.mul
    f32x4.add
    local.set $22
    local.get $3
    local.get $23
    v128.store offset=48
    local.get $4
    local.get $22
    v128.store offset=48
    local.get $1
    local.get $22
    local.get $1
    i32.const 48
    i32.add
    v128.load
    f32x4.pmax
    local.tee $22
    v128.store offset=48
    local.get $5
    local.get $5
    i32.const 48
    i32.add
    v128.load
    local.tee $24
    local.get $24
    local.get $12
    f32x4.mul
    local.get $23
    local.get $13
    f32x4.mul
    local.get $22
    f32x4.sqrt
    local.get $14
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store offset=48
    local.get $5
    i32.const -64
    i32.sub
    local.set $5
    local.get $7
    i32.const -64
    i32.sub
    local.set $7
    local.get $3
    i32.const -64
    i32.sub
    local.set $3
    local.get $4
    i32.const -64
    i32.sub
    local.set $4
    local.get $1
    i32.const -64
    i32.sub
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|1
   end
  end
  local.get $2
  i32.const 2
  i32.shr_u
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|2
    local.get $3
    v128.load
    local.get $6
    f32x4.mul
    local.get $7
    v128.load
    local.tee $22
    local.get $9
    f32x4.mul
    f32x4.add
    local.set $23
    local.get $4
    v128.load
    local.get $10
    f32x4.mul
    local.get $22
    local.get $11
    f32x4.mul
    local.get $22
    f32x4.mul
    f32x4.add
    local.set $22
    local.get $3
    local.get $23
    v128.store
    local.get $4
    local.get $22
    v128.store
    local.get $1
    local.get $22
    local.get $1
    v128.load
    f32x4.pmax
    local.tee $22
    v128.store
    local.get $5
    local.get $5
    v128.load
    local.tee $24
    local.get $24
    local.get $12
    f32x4.mul
    local.get $23
    local.get $13
    f32x4.mul
    local.get $22
    f32x4.sqrt
    local.get $14
    f32x4.add
    f32x4.div
    f32x4.add
    f32x4.sub
    v128.store
    local.get $5
    i32.const 16
    i32.add
    local.set $5
    local.get $7
    i32.const 16
    i32.add
    local.set $7
    local.get $3
    i32.const 16
    i32.add
    local.set $3
    local.get $4
    i32.const 16
    i32.add
    local.set $4
    local.get $1
    i32.const 16
    i32.add
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|2
   end
  end
  local.get $2
  i32.const 3
  i32.and
  local.tee $0
  if
   loop $do-loop|3
    local.get $3
    f32.load
    local.get $15
    f32.mul
    local.get $7
    f32.load
    local.tee $25
    local.get $16
    f32.mul
    f32.add
    local.set $8
    local.get $4
    f32.load
    local.get $17
    f32.mul
    local.get $25
    local.get $18
    f32.mul
    local.get $25
    f32.mul
    f32.add
    local.set $25
    local.get $3
    local.get $8
    f32.store
    local.get $4
    local.get $25
    f32.store
    local.get $1
    local.get $1
    f32.load
    local.tee $26
    local.get $25
    local.get $25
    local.get $26
    f32.lt
    select
    local.tee $25
    f32.store
    local.get $5
    local.get $5
    f32.load
    local.tee $26
    local.get $26
    local.get $19
    f32.mul
    local.get $8
    local.get $20
    f32.mul
    local.get $25
    f32.sqrt
    local.get $21
    f32.add
    f32.div
    f32.add
    f32.sub
    f32.store
    local.get $5
    i32.const 4
    i32.add
    local.set $5
    local.get $7
    i32.const 4
    i32.add
    local.set $7
    local.get $3
    i32.const 4
    i32.add
    local.set $3
    local.get $4
    i32.const 4
    i32.add
    local.set $4
    local.get $1
    i32.const 4
    i32.add
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $do-loop|3
   end
  end
 )
 (func $assembly/rows/stepRuns (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  loop $while-continue|0
   local.get $2
   local.tee $3
   i32.const 1
   i32.sub
   local.set $2
   local.get $3
   if
    local.get $0
    local.get $1
    i32.load
    local.get $1
    i32.load offset=4
    i32.const 0
    call $assembly/segment/stepRange
    local.get $1
    i32.const 8
    i32.add
    local.set $1
    br $while-continue|0
   end
  end
 )
 (func $assembly/rows/scanRuns (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32) (result i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 i32)
  (local $8 i32)
  (local $9 i32)
  (local $10 i32)
  (local $11 i32)
  local.get $0
  i32.load offset=4
  local.set $10
  local.get $0
  i32.load offset=24
  local.set $9
  i32.const -1
  local.set $4
  loop $while-continue|0
   local.get $2
   local.tee $5
   i32.const 1
   i32.sub
   local.set $2
   local.get $5
   if
    local.get $8
    local.get $10
    local.get $1
    i32.load
    local.tee $5
    i32.const 2
    i32.shl
    i32.add
    local.get $1
    i32.load offset=4
    local.tee $7
    call $assembly/reduce/maxAbsBits
    local.tee $11
    local.get $8
    local.get $11
    i32.gt_u
    select
    local.set $8
    loop $while-continue|1
     local.get $7
     i32.const 0
     local.get $9
     select
     if
      local.get $4
      local.get $5
      i32.const 12
      i32.shr_u
      local.tee $11
      i32.ne
      if
       local.get $6
       if
        local.get $9
        local.get $6
        i32.const 1
        i32.sub
        i32.const 3
        i32.shl
        i32.add
        local.get $3
        f64.load
        local.get $3
        f64.load offset=32
        f64.add
        local.get $3
        f64.load offset=16
        local.get $3
        f64.load offset=48
        f64.add
        f64.add
        local.get $3
        f64.load offset=8
        local.get $3
        f64.load offset=40
        f64.add
        local.get $3
        f64.load offset=24
        local.get $3
        f64.load offset=56
        f64.add
        f64.add
        f64.add
        f64.store
       end
       local.get $3
       i32.const 0
       i32.const 64
       memory.fill
       local.get $6
       i32.const 1
       i32.add
       local.set $6
       local.get $11
       local.set $4
      end
      local.get $10
      local.get $5
      i32.const 2
      i32.shl
      i32.add
      local.get $7
      local.get $11
      i32.const 1
      i32.add
      i32.const 12
      i32.shl
      local.get $5
      i32.sub
      local.tee $11
      local.get $7
      local.get $11
      i32.lt_u
      select
      local.tee $11
      local.get $5
      local.get $3
      call $assembly/sums/addSquares
      local.get $5
      local.get $11
      i32.add
      local.set $5
      local.get $7
      local.get $11
      i32.sub
      local.set $7
      br $while-continue|1
     end
    end
    local.get $1
    i32.const 8
    i32.add
    local.set $1
    br $while-continue|0
   end
  end
  local.get $6
  if
   local.get $9
   local.get $6
   i32.const 1
   i32.sub
   i32.const 3
   i32.shl
   i32.add
   local.get $3
   f64.load
   local.get $3
   f64.load offset=32
   f64.add
   local.get $3
   f64.load offset=16
   local.get $3
   f64.load offset=48
   f64.add
   f64.add
   local.get $3
   f64.load offset=8
   local.get $3
   f64.load offset=40
   f64.add
   local.get $3
   f64.load offset=24
   local.get $3
   f64.load offset=56
   f64.add
   f64.add
   f64.add
   f64.store
  end
  local.get $0
  i32.const 68
  i32.add
  i32.load
  local.get $8
  i32.lt_u
  if
   local.get $0
   local.get $8
   i32.store offset=68
  end
  local.get $6
 )
 (func $assembly/metrics/measureRange (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 i32)
  (local $8 i32)
  (local $9 i32)
  (local $10 i32)
  (local $11 i32)
  (local $12 i32)
  (local $13 i32)
  (local $14 i32)
  (local $15 i32)
  (local $16 i32)
  (local $17 i32)
  local.get $2
  i32.const -64
  i32.sub
  local.set $5
  local.get $0
  i32.load
  local.set $14
  local.get $0
  i32.load offset=4
  local.set $15
  local.get $0
  i32.load offset=8
  local.set $16
  local.get $0
  i32.load offset=76
  local.set $17
  local.get $1
  local.set $7
  loop $while-continue|0
   local.get $7
   local.get $10
   i32.gt_u
   if
    local.get $14
    local.get $10
    i32.const 2
    i32.shl
    local.tee $1
    i32.add
    local.set $6
    local.get $1
    local.get $15
    i32.add
    local.set $12
    local.get $1
    local.get $16
    i32.add
    local.set $13
    local.get $17
    local.get $10
    i32.const 12
    i32.shr_u
    i32.const 48
    i32.mul
    i32.add
    local.set $11
    local.get $5
    local.get $6
    i32.const 4096
    local.get $7
    local.get $10
    i32.sub
    local.tee $1
    local.get $1
    i32.const 4096
    i32.ge_u
    select
    local.tee $9
    i32.const 2
    i32.shl
    memory.copy
    local.get $0
    local.get $10
    local.get $9
    i32.const 1
    call $assembly/segment/stepRange
    local.get $6
    local.set $4
    local.get $5
    local.set $3
    local.get $9
    i32.const 2
    i32.shr_u
    local.set $1
    loop $while-continue|01
     local.get $1
     local.tee $8
     i32.const 1
     i32.sub
     local.set $1
     local.get $8
     if
      local.get $3
      local.get $4
      v128.load
      local.get $3
      v128.load
      f32x4.sub
      v128.store
      local.get $4
      i32.const 16
      i32.add
      local.set $4
      local.get $3
      i32.const 16
      i32.add
      local.set $3
      br $while-continue|01
     end
    end
    local.get $9
    i32.const 3
    i32.and
    local.set $1
    loop $while-continue|1
     local.get $1
     local.tee $8
     i32.const 1
     i32.sub
     local.set $1
     local.get $8
     if
      local.get $3
      local.get $4
      f32.load
      local.get $3
      f32.load
      f32.sub
      f32.store
      local.get $4
      i32.const 4
      i32.add
      local.set $4
      local.get $3
      i32.const 4
      i32.add
      local.set $3
      br $while-continue|1
     end
    end
    local.get $11
    local.get $12
    local.get $9
    local.get $2
    call $assembly/metrics/squares
    f64.store
    local.get $11
    local.get $13
    local.get $9
    local.get $2
    call $assembly/metrics/squares
    f64.store offset=8
    local.get $11
    local.get $6
    local.get $9
    local.get $2
    call $assembly/metrics/squares
    f64.store offset=16
    local.get $11
    local.get $5
    local.get $9
    local.get $2
    call $assembly/metrics/squares
    f64.store offset=24
    local.get $11
    local.get $13
    local.get $12
    local.get $9
    local.get $2
    call $assembly/metrics/products
    f64.store offset=32
    local.get $11
    local.get $5
    local.get $12
    local.get $9
    local.get $2
    call $assembly/metrics/products
    f64.store offset=40
    local.get $0
    i32.load offset=32
    i32.const 128
    i32.and
    if
     local.get $0
     i32.load offset=4
     local.get $10
     i32.const 2
     i32.shl
     i32.add
     i32.const 0
     local.get $9
     i32.const 2
     i32.shl
     memory.fill
     local.get $0
     i32.load offset=80
     local.tee $1
     if
      local.get $1
      local.get $10
      i32.const 1
      i32.shl
      i32.add
      i32.const 0
      local.get $9
      i32.const 1
      i32.shl
      memory.fill
     end
    end
    local.get $9
    local.get $10
    i32.add
    local.set $10
    br $while-continue|0
   end
  end
 )
 (func $assembly/index/stepMeasured (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  loop $while-continue|0
   local.get $1
   local.tee $3
   i32.const 1
   i32.sub
   local.set $1
   local.get $3
   if
    local.get $0
    i32.load offset=32
    i32.const 1
    i32.and
    if
     local.get $0
     local.get $0
     i32.load offset=28
     local.get $2
     call $assembly/metrics/measureRange
    end
    local.get $0
    i32.const 96
    i32.add
    local.set $0
    br $while-continue|0
   end
  end
 )
 (func $assembly/index/step (param $0 i32) (param $1 i32)
  (local $2 i32)
  loop $while-continue|0
   local.get $1
   local.tee $2
   i32.const 1
   i32.sub
   local.set $1
   local.get $2
   if
    local.get $0
    i32.load offset=32
    i32.const 1
    i32.and
    if
     local.get $0
     i32.const 0
     local.get $0
     i32.load offset=28
     i32.const 0
     call $assembly/segment/stepRange
    end
    local.get $0
    i32.const 96
    i32.add
    local.set $0
    br $while-continue|0
   end
  end
 )
 (func $assembly/index/scan (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  loop $while-continue|0
   local.get $1
   local.tee $3
   i32.const 1
   i32.sub
   local.set $1
   local.get $3
   if
    local.get $0
    i32.load offset=32
    i32.const 1
    i32.and
    if
     local.get $0
     i32.const 0
     local.get $0
     i32.load offset=28
     local.get $2
     call $assembly/reduce/scanRange
    end
    local.get $0
    i32.const 96
    i32.add
    local.set $0
    br $while-continue|0
   end
  end
 )
 (func $assembly/index/abiVersion (result i32)
  i32.const 5
 )
 (func $assembly/checks/foldChecks (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i64)
  (local $5 i64)
  (local $6 i32)
  local.get $2
  i64.load
  local.set $4
  local.get $2
  i64.load offset=8
  local.set $5
  loop $while-continue|0
   local.get $1
   local.tee $3
   i32.const 1
   i32.sub
   local.set $1
   local.get $3
   if
    i32.const 0
    local.set $3
    loop $for-loop|1
     local.get $3
     i32.const 32
     i32.lt_u
     if
      local.get $0
      local.get $3
      i32.add
      local.tee $6
      i64.load
      local.get $4
      i64.xor
      i64.const -7046029254386353131
      i64.mul
      local.tee $4
      local.get $4
      i64.const 29
      i64.shr_u
      i64.xor
      local.set $4
      local.get $6
      i64.load offset=32
      local.get $5
      i64.xor
      i64.const -7046029254386353131
      i64.mul
      local.tee $5
      local.get $5
      i64.const 29
      i64.shr_u
      i64.xor
      local.set $5
      local.get $3
      i32.const 8
      i32.add
      local.set $3
      br $for-loop|1
     end
    end
    local.get $0
    i32.const -64
    i32.sub
    local.set $0
    br $while-continue|0
   end
  end
  local.get $2
  local.get $4
  i64.store
  local.get $2
  local.get $5
  i64.store offset=8
 )
 (func $assembly/checks/checkSegment (param $0 i32) (param $1 i32)
  (local $2 i32)
  (local $3 i32)
  (local $4 i32)
  local.get $0
  i32.load offset=28
  local.set $3
  loop $while-continue|0
   local.get $2
   local.get $3
   i32.lt_u
   if
    i32.const 4096
    local.get $3
    local.get $2
    i32.sub
    local.tee $4
    local.get $4
    i32.const 4096
    i32.ge_u
    select
    local.set $4
    local.get $2
    i32.const 4095
    i32.and
    i32.eqz
    if
     local.get $0
     i32.load offset=84
     local.get $2
     i32.const 12
     i32.shr_u
     i32.const 6
     i32.shl
     i32.add
     i32.const 0
     i32.const 64
     memory.fill
    end
    local.get $1
    if
     local.get $0
     local.get $2
     local.get $4
     call $assembly/checks/checkGradients
    end
    local.get $0
    local.get $2
    local.get $4
    call $assembly/checks/checkStates
    local.get $2
    local.get $4
    i32.add
    local.set $2
    br $while-continue|0
   end
  end
 )
 (func $assembly/checks/checkRuns (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32)
  (local $4 i32)
  (local $5 i64)
  (local $6 i32)
  local.get $3
  i64.load
  local.set $5
  loop $while-continue|0
   local.get $2
   local.tee $4
   i32.const 1
   i32.sub
   local.set $2
   local.get $4
   if
    local.get $0
    i32.load offset=4
    local.get $1
    i32.load offset=4
    local.tee $4
    local.get $1
    i32.load
    i32.add
    i32.const 2
    i32.shl
    i32.add
    local.tee $6
    local.get $4
    i32.const 2
    i32.shl
    i32.sub
    local.set $4
    loop $for-loop|1
     local.get $4
     local.get $6
     i32.ne
     if
      local.get $4
      i64.load32_u
      local.get $5
      i64.xor
      i64.const -7046029254386353131
      i64.mul
      local.tee $5
      local.get $5
      i64.const 29
      i64.shr_u
      i64.xor
      local.set $5
      local.get $4
      i32.const 4
      i32.add
      local.set $4
      br $for-loop|1
     end
    end
    local.get $1
    i32.const 8
    i32.add
    local.set $1
    br $while-continue|0
   end
  end
  local.get $3
  local.get $5
  i64.store
 )
)
