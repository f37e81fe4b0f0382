# proved - the largest error of each implementation, and the bound that proofs/rocq proves of that row: see bounded.h.
load palette
set title "Largest error of an entry (filled) and what is proved of its row (open)" noenhanced
set xlabel "error and bound  [u of the format: 2^{-53}, 2^{-24}, 2^{-8}, 2^{-11}]"
set logscale x
set format x "10^{%T}"
set xrange [0.09:*]
set yrange [0.2:rows + 0.8]
set ytics noenhanced
set key outside bottom center horizontal samplen 1.5
plot for [f=1:4] data index f - 1 using 3:($1 + 0.17 * (2.5 - f)):3:4 with xerrorbars pt 0 lw 1.2 lc rgb colour[f] \
         notitle, \
     for [f=1:4] data index f - 1 using 4:($1 + 0.17 * (2.5 - f)) with points pt hollow[f] ps 0.6 lc rgb colour[f] \
         notitle, \
     for [f=1:4] data index f - 1 using 3:($1 + 0.17 * (2.5 - f)) with points pt mark[f] ps 0.6 lc rgb colour[f] \
         title name[f], \
     data index 1 using (1e-9):1:ytic(2) with dots notitle
