"""The data map (数据地图): for every column what kind of data it holds, how sensitive that is and what it is for."""
