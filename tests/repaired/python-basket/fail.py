from basket import add

add("apple")
add("apple")
